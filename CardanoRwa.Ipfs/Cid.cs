using System.Diagnostics.CodeAnalysis;

namespace CardanoRwa.Ipfs;

/// <summary>A content identifier over SHA-256: version 1 in base32 (<c>b...</c>), or version 0 (<c>Qm...</c>), which only names dag-pb.</summary>
public readonly record struct Cid(byte Codec, Hash32 Digest, int Version = 1)
{
    public const byte Raw = 0x55;
    public const byte DagPb = 0x70;
    private const byte Sha256 = 0x12;
    private const int MultihashSize = 2 + Hash32.Size;
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The same block under either version.</summary>
    public (byte Codec, Hash32 Digest) Key => (Codec, Digest);

    public static Cid Of(byte codec, ReadOnlySpan<byte> block, int version) =>
        new(codec, new Hash32(System.Security.Cryptography.SHA256.HashData(block)), codec == Raw ? 1 : version);

    public byte[] ToBytes() => Version == 0 ? [Sha256, Hash32.Size, .. Digest.Bytes] : [1, Codec, Sha256, Hash32.Size, .. Digest.Bytes];

    public override string ToString() => Version == 0 ? Base58.Encode(ToBytes()) : "b" + EncodeBase32(ToBytes());

    /// <summary>Takes <c>/ipfs/</c> and a trailing slash in front and behind; a path within is not understood.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Cid cid)
    {
        cid = default;
        if (text is null) return false;
        var name = text.StartsWith("/ipfs/", StringComparison.Ordinal) ? text[6..] : text;
        return TryRead(name.TrimEnd('/'), out cid);
    }

    internal static bool TryFromBytes(ReadOnlySpan<byte> bytes, out Cid cid)
    {
        cid = default;
        if (bytes.Length == MultihashSize && bytes[0] == Sha256 && bytes[1] == Hash32.Size) cid = new Cid(DagPb, new Hash32(bytes[2..]), 0);
        else if (bytes.Length == MultihashSize + 2 && bytes[0] == 1 && bytes[1] is Raw or DagPb && bytes[2] == Sha256 && bytes[3] == Hash32.Size) cid = new Cid(bytes[1], new Hash32(bytes[4..]));
        else return false;
        return true;
    }

    private static bool TryRead(string name, out Cid cid)
    {
        cid = default;
        return name switch
        {
            ['Q', 'm', ..] => Base58.TryDecode(name, out var multihash) && TryFromBytes(multihash, out cid),
            ['b', .. var digits] => DecodeBase32(digits) is { } bytes && TryFromBytes(bytes, out cid),
            _ => false,
        };
    }

    private static string EncodeBase32(ReadOnlySpan<byte> bytes)
    {
        var text = new char[(bytes.Length * 8 + 4) / 5];
        int bits = 0, held = 0, at = 0;
        foreach (var b in bytes)
        {
            bits = (bits << 8) | b;
            for (held += 8; held >= 5; held -= 5) text[at++] = Base32[(bits >> (held - 5)) & 31];
        }

        if (held > 0) text[at] = Base32[(bits << (5 - held)) & 31];
        return new string(text);
    }

    private static byte[]? DecodeBase32(string digits)
    {
        var bytes = new byte[digits.Length * 5 / 8];
        int bits = 0, held = 0, at = 0;
        foreach (var digit in digits)
        {
            var value = Base32.IndexOf(digit, StringComparison.Ordinal);
            if (value < 0) return null;
            bits = (bits << 5) | value;
            held += 5;
            if (held < 8) continue;
            held -= 8;
            bytes[at++] = (byte)(bits >> held);
        }

        return bytes;
    }
}
