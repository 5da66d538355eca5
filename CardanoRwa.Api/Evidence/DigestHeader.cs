using System.Security.Cryptography;
using CardanoRwa.Core;
using CardanoRwa.Core.Evidence;

namespace CardanoRwa.Api.Evidence;

/// <summary>What the sender says the body's hash is: Content-Digest (RFC 9530) with sha-256 or sha-512, or Content-MD5.</summary>
internal sealed record DigestHeader(byte[]? Sha256, HashAlgorithmName? Other, byte[]? OtherValue)
{
    private const string Hint = "Send Content-Digest: sha-256=:BASE64: of the whole body, or leave it out.";

    public static Result<DigestHeader> Parse(IHeaderDictionary headers)
    {
        var md5 = headers.ContentMD5.Count == 0 ? null : Bytes(headers.ContentMD5.ToString(), MD5.HashSizeInBytes);
        if (headers.ContentMD5.Count > 0 && md5 is null)
        {
            return new Refusal(RefusalKind.Invalid, "digest_invalid", "Content-MD5 is not the base64 of 16 bytes.", Hint);
        }
        if (headers["Content-Digest"].Count == 0)
        {
            return new DigestHeader(null, md5 is null ? null : HashAlgorithmName.MD5, md5);
        }
        var members = headers["Content-Digest"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(m => m.Split('=', 2)).ToLookup(m => m[0], m => m.Length == 2 ? m[1] : "");
        var sha256 = Member("sha-256", SHA256.HashSizeInBytes);
        var sha512 = Member("sha-512", SHA512.HashSizeInBytes);
        // Asked to check, it must not look away: what cannot be checked is refused.
        if (sha256 is [] || sha512 is [] || sha256 is null && sha512 is null)
        {
            return new Refusal(RefusalKind.Invalid, "digest_invalid", "Content-Digest holds no well-formed sha-256 or sha-512.", Hint);
        }
        return sha512 is null ? new DigestHeader(sha256, md5 is null ? null : HashAlgorithmName.MD5, md5) : new DigestHeader(sha256, HashAlgorithmName.SHA512, sha512);

        byte[]? Member(string name, int size) => !members.Contains(name) ? null
            : members[name].Count() == 1 && members[name].Single() is [':', .. var text, ':'] ? Bytes(text, size) ?? [] : [];
    }

    public Refusal? Check(EvidenceSpool spool) =>
        (Sha256 is null || Sha256.AsSpan().SequenceEqual(spool.Sha256)) && (OtherValue is null || OtherValue.AsSpan().SequenceEqual(spool.Other))
            ? null
            : new Refusal(RefusalKind.Unprocessable, "digest_mismatch", "The bytes that arrived do not have the digest that was announced.", "Send the document again; nothing was kept.");

    private static byte[]? Bytes(string base64, int size)
    {
        var bytes = new byte[size];
        return base64.Length < 200 && Convert.TryFromBase64String(base64, bytes, out var written) && written == size ? bytes : null;
    }
}
