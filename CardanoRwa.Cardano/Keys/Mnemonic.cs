using System.Collections.Frozen;
using System.Security.Cryptography;

namespace CardanoRwa.Cardano.Keys;

/// <summary>A BIP-39 recovery phrase in English: 12, 15, 18, 21 or 24 words. Holds the entropy; zeroed on dispose.</summary>
public sealed class Mnemonic : IDisposable
{
    private const int BitsPerWord = 11;

    private static readonly string[] Words = LoadWords();
    private static readonly FrozenDictionary<string, int> Indexes = Words.Index().ToFrozenDictionary(static w => w.Item, static w => w.Index, StringComparer.Ordinal);

    private readonly byte[] entropy;

    private Mnemonic(byte[] pinnedEntropy) => entropy = pinnedEntropy;

    /// <summary>16, 20, 24, 28 or 32 bytes.</summary>
    public ReadOnlySpan<byte> Entropy => entropy;

    public static Mnemonic Generate(int words = 24)
    {
        var entropy = Allocate(words * BitsPerWord / 33 * 4);
        RandomNumberGenerator.Fill(entropy);
        return new Mnemonic(entropy);
    }

    public static Mnemonic FromEntropy(ReadOnlySpan<byte> entropy)
    {
        var copy = Allocate(entropy.Length);
        entropy.CopyTo(copy);
        return new Mnemonic(copy);
    }

    /// <exception cref="FormatException">Says which word is unknown, or that the checksum is wrong.</exception>
    public static Mnemonic Parse(string phrase)
    {
        var words = phrase.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is not (12 or 15 or 18 or 21 or 24)) throw new FormatException($"A recovery phrase has 12, 15, 18, 21 or 24 words; this one has {words.Length}.");
        var entropy = Allocate(words.Length * BitsPerWord / 33 * 4);
        Span<byte> bits = stackalloc byte[33];
        for (var i = 0; i < words.Length; i++)
        {
            // The word itself stays out of the message: it may be a slip of the pen away from a secret.
            if (!Indexes.TryGetValue(words[i], out var index)) throw new FormatException($"Word {i + 1} is not in the BIP-39 English list.");
            for (var bit = 0; bit < BitsPerWord; bit++)
            {
                var at = i * BitsPerWord + bit;
                bits[at / 8] |= (byte)(((index >> (BitsPerWord - 1 - bit)) & 1) << (7 - at % 8));
            }
        }

        bits[..entropy.Length].CopyTo(entropy);
        var checksum = bits[entropy.Length];
        CryptographicOperations.ZeroMemory(bits);
        if (checksum == Checksum(entropy)) return new Mnemonic(entropy);
        CryptographicOperations.ZeroMemory(entropy);
        throw new FormatException("The checksum of the recovery phrase is wrong: a word was mistaken or two were swapped.");
    }

    /// <summary>The phrase itself. Never log it.</summary>
    public string ToPhrase()
    {
        Span<byte> bits = stackalloc byte[33];
        entropy.CopyTo(bits);
        bits[entropy.Length] = Checksum(entropy);
        var words = new string[entropy.Length * 3 / 4];
        for (var i = 0; i < words.Length; i++)
        {
            var index = 0;
            for (var at = i * BitsPerWord; at < (i + 1) * BitsPerWord; at++) index = (index << 1) | ((bits[at / 8] >> (7 - at % 8)) & 1);
            words[i] = Words[index];
        }

        CryptographicOperations.ZeroMemory(bits);
        return string.Join(' ', words);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(entropy);

    private static byte Checksum(byte[] entropy)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(entropy, hash);
        var bits = entropy.Length / 4;
        return (byte)(hash[0] & (0xff << (8 - bits)));
    }

    private static byte[] Allocate(int size) => size is 16 or 20 or 24 or 28 or 32
        ? GC.AllocateArray<byte>(size, pinned: true)
        : throw new ArgumentException("Entropy has 16, 20, 24, 28 or 32 bytes (12 to 24 words).", nameof(size));

    private static string[] LoadWords()
    {
        using var stream = typeof(Mnemonic).Assembly.GetManifestResourceStream("bip39-english.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
