using System.Diagnostics.CodeAnalysis;

namespace CardanoRwa.Cardano.Hashing;

/// <summary>Base58 with Bitcoin's alphabet, for Byron addresses.</summary>
public static class Base58
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    // The work grows with the square of the length; Byron addresses stay far below.
    private const int MaxLength = 512;

    public static string Encode(ReadOnlySpan<byte> data)
    {
        var zeros = data.IndexOfAnyExcept((byte)0) is var first && first < 0 ? data.Length : first;
        var digits = new List<byte>(data.Length * 138 / 100 + 1);
        foreach (var b in data[zeros..])
        {
            int carry = b;
            for (var i = 0; i < digits.Count; i++)
            {
                carry += digits[i] << 8;
                digits[i] = (byte)(carry % 58);
                carry /= 58;
            }

            for (; carry > 0; carry /= 58) digits.Add((byte)(carry % 58));
        }

        return string.Create(zeros + digits.Count, (zeros, digits), static (text, state) =>
        {
            text[..state.zeros].Fill('1');
            for (var i = 0; i < state.digits.Count; i++) text[^(i + 1)] = Alphabet[state.digits[i]];
        });
    }

    public static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? data)
    {
        data = null;
        if (text.Length is 0 or > MaxLength) return false;
        var bytes = new List<byte>(text.Length);
        foreach (var c in text)
        {
            var carry = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (carry < 0) return false;
            for (var i = 0; i < bytes.Count; i++)
            {
                carry += bytes[i] * 58;
                bytes[i] = (byte)carry;
                carry >>= 8;
            }

            for (; carry > 0; carry >>= 8) bytes.Add((byte)carry);
        }

        var zeros = text.AsSpan().IndexOfAnyExcept('1') is var first && first < 0 ? text.Length : first;
        bytes.Reverse();
        data = [.. new byte[zeros], .. bytes];
        return true;
    }
}
