using System.Security.Cryptography;

namespace CardanoRwa.Recovery.Keys;

/// <summary>
/// 32 bytes as fourteen groups of five letters and digits, to be printed and typed back. The last letter of each group checks the group,
/// so that a slip is found and located; the last group checks the whole.
/// </summary>
public static class PaperKey
{
    // Crockford's base 32: no I, L, O, U, which are read or typed as other signs.
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int DataGroups = 13;
    private const int GroupData = 4;

    public static string Write(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, 32);
        var digits = Digits(secret, DataGroups * GroupData);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(secret, hash);
        digits = [.. digits, .. Digits(hash, GroupData)];
        return string.Join('-', digits.Chunk(GroupData).Select((group, index) =>
            string.Concat(group.Append(Check(group, index)).Select(d => Alphabet[d]))));
    }

    /// <summary>Reads it back in any case, with or without its dashes.</summary>
    public static Outcome<byte[]> Read(string text)
    {
        var typed = text.Where(c => c is not ('-' or ' ' or '\t' or '\r' or '\n')).Select(Digit).ToArray();
        var length = (DataGroups + 1) * (GroupData + 1);
        if (typed.Length != length)
        {
            return Slip($"it has {typed.Length} letters and digits, and should have {length}");
        }

        var groups = typed.Chunk(GroupData + 1).ToArray();
        var wrong = groups.Select((group, index) => group.Contains(-1) || Check(group[..GroupData], index) != group[GroupData] ? index + 1 : 0).Where(n => n > 0).ToArray();
        if (wrong.Length > 0)
        {
            return Slip($"group {string.Join(" and ", wrong)} of {DataGroups + 1} is mistyped");
        }

        var secret = Bytes(groups.Take(DataGroups).SelectMany(g => g[..GroupData]).ToArray());
        return string.Equals(Write(secret).Replace("-", "", StringComparison.Ordinal), string.Concat(typed.Select(d => Alphabet[d])), StringComparison.Ordinal)
            ? secret
            : Slip("every group is well formed, but they do not belong together");
    }

    private static RecoveryRefusal Slip(string what) => new("key.mistyped", $"This is no key: {what}.", "Compare it with the paper, group by group.");

    private static int Digit(char c) => char.ToUpperInvariant(c) switch
    {
        'O' => 0,
        'I' or 'L' => 1,
        var other => Alphabet.IndexOf(other, StringComparison.Ordinal),
    };

    // A sum in GF(32) with a different weight at each place finds every single slip and every swap; the group's number finds swapped groups.
    private static int Check(int[] group, int index)
    {
        var (sum, weight) = (index, 2);
        foreach (var digit in group)
        {
            sum ^= Multiply(digit, weight);
            weight = Multiply(weight, 2);
        }
        return sum;
    }

    // Modulo x^5 + x^2 + 1.
    private static int Multiply(int a, int b)
    {
        var product = 0;
        for (; b > 0; b >>= 1)
        {
            product ^= (b & 1) * a;
            a <<= 1;
            a ^= (a >> 5) * 0b100101;
        }
        return product;
    }

    private static int[] Digits(ReadOnlySpan<byte> bytes, int count)
    {
        var digits = new int[count];
        for (var i = 0; i < count; i++)
        {
            for (var bit = i * 5; bit < i * 5 + 5; bit++)
            {
                var value = bit / 8 < bytes.Length ? bytes[bit / 8] >> (7 - bit % 8) & 1 : 0;
                digits[i] = digits[i] << 1 | value;
            }
        }
        return digits;
    }

    private static byte[] Bytes(int[] digits)
    {
        var bytes = new byte[32];
        for (var bit = 0; bit < 256; bit++)
        {
            bytes[bit / 8] |= (byte)((digits[bit / 5] >> (4 - bit % 5) & 1) << (7 - bit % 8));
        }
        return bytes;
    }
}
