using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CardanoRwa.Cardano.Keys;

/// <summary>An Ed25519 verification key, 32 bytes. Compared by value.</summary>
public readonly struct PublicKey : IEquatable<PublicKey>
{
    public const int Size = 32;

    private readonly Storage storage;

    public PublicKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"Expected {Size} bytes, found {bytes.Length}.", nameof(bytes));
        bytes.CopyTo(storage);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => storage;

    /// <summary>Blake2b-224 of the key: what addresses, scripts and required signers name.</summary>
    public Hash28 Hash => Blake2b.Hash224(Bytes);

    public bool Verify(ReadOnlySpan<byte> message, in Ed25519Signature signature) =>
        Sodium.Verify(signature.Bytes, message, (ulong)message.Length, Bytes) == 0;

    public static PublicKey Parse(string hex) => new(Convert.FromHexString(hex));

    public bool Equals(PublicKey other) => Bytes.SequenceEqual(other.Bytes);
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is PublicKey other && Equals(other);
    public override int GetHashCode() => BitConverter.ToInt32(Bytes);

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    public static bool operator ==(PublicKey left, PublicKey right) => left.Equals(right);
    public static bool operator !=(PublicKey left, PublicKey right) => !left.Equals(right);

    [InlineArray(Size)]
    private struct Storage
    {
        private byte first;
    }
}
