using System.Security.Cryptography;
using CardanoRwa.Core.Minting.Proofs;

namespace CardanoRwa.Api.Minting;

/// <summary>
/// Names a proof by what it says: when it was made, and the digest that covers that, are left out. Two proofs with one name differ in their
/// date only, so the name is a weak one.
/// </summary>
internal static class ProofTag
{
    private const int HeadBytes = 4_096;

    /// <param name="file">At its beginning, where it is left again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<string> OfAsync(Stream file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var tail = ProofDigest.Before.Length + 2 * SHA256.HashSizeInBytes + ProofDigest.After.Length;
        var (buffer, left, isHead) = (new byte[64 * 1024], file.Length - tail, true);
        while (left > 0)
        {
            var read = await file.ReadAtLeastAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), 1, throwOnEndOfStream: true, cancellationToken);
            left -= read;
            Append(hash, buffer.AsSpan(0, read), isHead);
            isHead = false;
        }
        file.Position = 0;
        return $"\"{Convert.ToHexStringLower(hash.GetHashAndReset())[..24]}\"";
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes, bool isHead)
    {
        var head = bytes[..(isHead ? Math.Min(HeadBytes, bytes.Length) : 0)];
        var date = head.IndexOf("\"madeAt\":\""u8);
        if (date < 0)
        {
            hash.AppendData(bytes);
            return;
        }
        var begin = date + "\"madeAt\":\"".Length;
        hash.AppendData(bytes[..begin]);
        hash.AppendData(bytes[(begin + bytes[begin..].IndexOf((byte)'"'))..]);
    }
}
