using System.Security.Cryptography;
using System.Text;

namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>The file's last member, over all bytes before it: it can be reckoned while the file is written.</summary>
public static class ProofDigest
{
    public const string Before = ",\"digest\":\"";
    public const string After = "\"}";

    /// <summary>What the digest of these bytes should be; null if they do not end in one.</summary>
    public static string? Of(ReadOnlySpan<byte> file)
    {
        file = file.TrimEnd("\r\n"u8);
        var tail = Before.Length + (2 * SHA256.HashSizeInBytes) + After.Length;
        return file.Length > tail && file[^tail..].StartsWith(Encoding.ASCII.GetBytes(Before))
            ? Convert.ToHexStringLower(SHA256.HashData(file[..^tail]))
            : null;
    }
}
