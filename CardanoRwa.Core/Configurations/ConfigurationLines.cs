using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Core.Configurations;

/// <summary>A resolved configuration as lines that may be kept: what is known to be harmless in the clear, everything else as a keyed fingerprint.</summary>
public static partial class ConfigurationLines
{
    private static readonly HashSet<string> HarmlessSections = new(StringComparer.OrdinalIgnoreCase)
    {
        "AllowedHosts", "Aspire", "Auth", "Cache", "Chain", "Evidence", "Idempotency", "Ipfs", "Logging", "Minting", "RateLimit", "Recovery", "Webhooks",
    };

    // Of a connection string: where it leads, never what opens it.
    private static readonly HashSet<string> HarmlessWords = new(StringComparer.OrdinalIgnoreCase) { "Host", "Server", "Port", "Database", "Username", "User ID", "SSL Mode", "SslMode" };

    /// <param name="configuration">With everything that overrides in it.</param>
    /// <param name="version">The program's, since its defaults are part of what it does.</param>
    /// <param name="key">Of the fingerprints.</param>
    public static string[] Of(IConfiguration configuration, string version, byte[] key)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal) { $"version = {version}" };
        foreach (var (name, value) in configuration.AsEnumerable())
        {
            // A single word is the machine's environment (PATH, HOME ...), not a setting.
            if (value is null || (!name.Contains(':', StringComparison.Ordinal) && !HarmlessSections.Contains(name)))
            {
                continue;
            }
            lines.Add($"{name} = {(IsHarmless(name, value) ? value.ReplaceLineEndings(" ") : Fingerprint(key, name, value))}");
            if (name.StartsWith("ConnectionStrings:", StringComparison.OrdinalIgnoreCase))
            {
                lines.UnionWith(WordsOf(value).Select(w => $"{name}#{w.Name} = {w.Value}"));
            }
        }
        return [.. lines];
    }

    /// <summary>The same for the same secret under the same name; says nothing of it to who lacks the key.</summary>
    public static string Fingerprint(byte[] key, string name, string value) =>
        $"secret {Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{name.ToUpperInvariant()}\0{value}")))[..24]}";

    private static bool IsHarmless(string name, string value)
    {
        var parts = name.Split(':');
        // Store names and the like are chosen by people: only the last word tells what a value is.
        var word = parts.LastOrDefault(p => !p.All(char.IsAsciiDigit)) ?? name;
        return HarmlessSections.Contains(parts[0])
            && (!SecretWord().IsMatch(word) || PathWord().IsMatch(word) || value.Length == 0)
            && !SecretValue().IsMatch(value);
    }

    private static IEnumerable<(string Name, string Value)> WordsOf(string connectionString)
    {
        var words = new DbConnectionStringBuilder();
        try
        {
            words.ConnectionString = connectionString;
        }
        catch (ArgumentException)
        {
            // Not of that form, as that of the cache: its fingerprint must do.
            return [];
        }
        return words.Keys.Cast<string>().Where(HarmlessWords.Contains).Select(k => (k.ToLowerInvariant(), words[k].ToString()!.ReplaceLineEndings(" ")));
    }

    [GeneratedRegex("password|passphrase|secret|key|token|mnemonic|phrase|credential|signature|project_?id|connection_?string|authorization|seed|salt|pin$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretWord();

    [GeneratedRegex("(file|path|folder)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PathWord();

    // user:password@host, signed addresses, and words that look like settings of their own.
    [GeneratedRegex(@"://[^/\s]*@|[?&](sig|token|key|code)=|password\s*=|accountkey\s*=|-----BEGIN", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretValue();
}
