namespace CardanoRwa.Cardano.Hashing;

/// <summary>Blake2b without a key, in the three widths Cardano uses (RFC 7693).</summary>
public static class Blake2b
{
    /// <summary>Transaction, auxiliary data and datum hashes.</summary>
    public static Hash32 Hash256(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Hash32.Size];
        Hash(data, hash);
        return new Hash32(hash);
    }

    /// <summary>Key and script hashes.</summary>
    public static Hash28 Hash224(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Hash28.Size];
        Hash(data, hash);
        return new Hash28(hash);
    }

    /// <summary>Fills <paramref name="hash"/>, which sets the width: 16 to 64 bytes.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        if (Sodium.Blake2b(hash, (nuint)hash.Length, data, (ulong)data.Length, 0, 0) != 0) throw new ArgumentException("Blake2b gives 16 to 64 bytes.", nameof(hash));
    }
}
