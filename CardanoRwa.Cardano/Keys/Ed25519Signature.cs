using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CardanoRwa.Cardano.Keys;

/// <summary>An Ed25519 signature, R then S, 64 bytes. Compared by value.</summary>
public readonly struct Ed25519Signature : IEquatable<Ed25519Signature>
{
    public const int Size = 64;

    private readonly Storage storage;

    public Ed25519Signature(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"Expected {Size} bytes, found {bytes.Length}.", nameof(bytes));
        bytes.CopyTo(storage);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => storage;

    public static Ed25519Signature Parse(string hex) => new(Convert.FromHexString(hex));

    public bool Equals(Ed25519Signature other) => Bytes.SequenceEqual(other.Bytes);
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Ed25519Signature other && Equals(other);
    public override int GetHashCode() => BitConverter.ToInt32(Bytes);

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    public static bool operator ==(Ed25519Signature left, Ed25519Signature right) => left.Equals(right);
    public static bool operator !=(Ed25519Signature left, Ed25519Signature right) => !left.Equals(right);

    [InlineArray(Size)]
    private struct Storage
    {
        private byte first;
    }
}
