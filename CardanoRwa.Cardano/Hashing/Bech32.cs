using System.Diagnostics.CodeAnalysis;

namespace CardanoRwa.Cardano.Hashing;

/// <summary>Bech32 of BIP-173, without its 90-character limit (CIP-19 addresses are longer).</summary>
public static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLength = 6;

    // No Cardano string comes near this; it bounds the work on hostile input.
    private const int MaxLength = 1023;

    public static string Encode(string prefix, ReadOnlySpan<byte> data)
    {
        var payload = (data.Length * 8 + 4) / 5;
        var total = prefix.Length + 1 + payload + ChecksumLength;
        Span<char> text = total <= 256 ? stackalloc char[total] : new char[total];
        prefix.CopyTo(text);
        text[prefix.Length] = '1';
        var checksum = ChecksumOfPrefix(prefix);
        var at = prefix.Length + 1;
        uint bits = 0;
        var held = 0;
        foreach (var b in data)
        {
            bits = (bits << 8) | b;
            held += 8;
            while (held >= 5)
            {
                held -= 5;
                Append(text, ref at, ref checksum, (byte)((bits >> held) & 31));
            }
        }

        if (held > 0) Append(text, ref at, ref checksum, (byte)((bits << (5 - held)) & 31));
        for (var i = 0; i < ChecksumLength; i++) checksum = Step(checksum, 0);
        checksum ^= 1;
        for (var i = 0; i < ChecksumLength; i++) text[at++] = Alphabet[(int)((checksum >> (5 * (5 - i))) & 31)];
        return new string(text);
    }

    public static bool TryDecode(string text, [NotNullWhen(true)] out string? prefix, [NotNullWhen(true)] out byte[]? data)
    {
        prefix = null;
        data = null;
        var separator = text.LastIndexOf('1');
        if (text.Length > MaxLength || separator < 1 || text.Length - separator - 1 < ChecksumLength) return false;
        if (text.AsSpan().ContainsAnyInRange('a', 'z') && text.AsSpan().ContainsAnyInRange('A', 'Z')) return false;
        if (text.AsSpan().ContainsAnyExceptInRange('!', '~')) return false;
        var lower = text.ToLowerInvariant();
        var checksum = ChecksumOfPrefix(lower.AsSpan(0, separator));
        var payload = text.Length - separator - 1 - ChecksumLength;
        var bytes = new byte[payload * 5 / 8];
        uint bits = 0;
        int held = 0, filled = 0;
        for (var i = separator + 1; i < lower.Length; i++)
        {
            var value = Alphabet.IndexOf(lower[i], StringComparison.Ordinal);
            if (value < 0) return false;
            checksum = Step(checksum, (byte)value);
            if (i >= lower.Length - ChecksumLength) continue;
            bits = ((bits << 5) | (uint)value) & 0xfff;
            held += 5;
            if (held < 8) continue;
            held -= 8;
            bytes[filled++] = (byte)(bits >> held);
        }

        var paddingIsZero = held < 5 && (bits & ((1u << held) - 1)) == 0;
        if (checksum != 1 || !paddingIsZero) return false;
        prefix = lower[..separator];
        data = bytes;
        return true;
    }

    private static void Append(Span<char> text, ref int at, ref uint checksum, byte value)
    {
        checksum = Step(checksum, value);
        text[at++] = Alphabet[value];
    }

    private static uint ChecksumOfPrefix(ReadOnlySpan<char> prefix)
    {
        uint checksum = 1;
        foreach (var c in prefix) checksum = Step(checksum, (byte)(c >> 5));
        checksum = Step(checksum, 0);
        foreach (var c in prefix) checksum = Step(checksum, (byte)(c & 31));
        return checksum;
    }

    private static uint Step(uint checksum, byte value)
    {
        var top = checksum >> 25;
        checksum = ((checksum & 0x1ffffff) << 5) ^ value;
        if ((top & 1) != 0) checksum ^= 0x3b6a57b2;
        if ((top & 2) != 0) checksum ^= 0x26508e6d;
        if ((top & 4) != 0) checksum ^= 0x1ea119fa;
        if ((top & 8) != 0) checksum ^= 0x3d4233dd;
        if ((top & 16) != 0) checksum ^= 0x2a1462b3;
        return checksum;
    }
}
