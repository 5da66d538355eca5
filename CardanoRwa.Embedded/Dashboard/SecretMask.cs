using System.Text.RegularExpressions;

namespace CardanoRwa.Embedded.Dashboard;

/// <summary>
/// Takes secrets out of what is about to leave the host: those it knows (parameters), those whose name tells, and passwords inside
/// connection strings and addresses. In doubt it hides too much.
/// </summary>
internal sealed partial class SecretMask
{
    public const string Hidden = "••••••••";

    // Shorter ones are words of ordinary text; they are still hidden where they are the whole value.
    private const int ShortestInText = 5;

    private volatile string[] _inText = [];
    private volatile HashSet<string> _whole = [];

    public void Learn(IReadOnlyList<string> secrets)
    {
        _whole = [.. secrets];
        _inText = [.. secrets.Where(s => s.Length >= ShortestInText).SelectMany(s => new[] { s, Uri.EscapeDataString(s) }).Distinct().OrderByDescending(s => s.Length)];
    }

    public VariableView Variable(string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return new(name, value, IsMasked: false);
        if (TellingName().IsMatch(name) || _whole.Contains(value))
            return new(name, Hidden, IsMasked: true);

        var text = Text(value);
        return new(name, text, IsMasked: text != value);
    }

    public string Text(string text) => Setting().Replace(Line(text), $"$1{Hidden}");

    /// <summary>For log lines, in which "key=42" is what a developer is looking for.</summary>
    public string Line(string text)
    {
        foreach (var secret in _inText)
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        return UriPassword().Replace(text, $"$1{Hidden}@");
    }

    [GeneratedRegex("PASSWORD|PASSWD|PWD$|SECRET|KEY|TOKEN|CREDENTIAL", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TellingName();

    // postgresql://user:password@host. It starts at the slashes, so that a line of a megabyte is read but once.
    [GeneratedRegex(@"(://[^/\s:@]*:)[^/\s]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UriPassword();

    // Host=h;Password="p;w" | h:6379,password=pw,ssl=true | x-otlp-api-key=k | ?token=t&...
    [GeneratedRegex(
        """((?<![\w.-])[\w.-]*(?:[ _-]?(?:password|passwd|pwd|secret|key|token|signature|sig))\s*=\s*)(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^;&\r\n]*?(?=,\s*[\w -]+=|[;&\r\n]|$))""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Setting();
}
