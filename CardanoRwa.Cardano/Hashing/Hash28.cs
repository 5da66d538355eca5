using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace CardanoRwa.Cardano.Hashing;

/// <summary>A blake2b-224 hash: of a verification key, or of a script (then also a minting policy's id). Compared by value; ordered as bytes.</summary>
public readonly struct Hash28 : IEquatable<Hash28>, IComparable<Hash28>
{
    public const int Size = 28;

    private readonly Storage storage;

    public Hash28(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"Expected {Size} bytes, found {bytes.Length}.", nameof(bytes));
        bytes.CopyTo(storage);
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => storage;

    public static Hash28 Parse(string hex) => TryParse(hex, out var hash) ? hash : throw new FormatException($"Expected {Size * 2} hex digits: '{hex}'.");

    public static bool TryParse([NotNullWhen(true)] string? hex, out Hash28 hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var valid = hex?.Length == Size * 2 && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        hash = valid ? new Hash28(bytes) : default;
        return valid;
    }

    public byte[] ToArray() => Bytes.ToArray();
    public bool Equals(Hash28 other) => Bytes.SequenceEqual(other.Bytes);
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Hash28 other && Equals(other);
    public int CompareTo(Hash28 other) => Bytes.SequenceCompareTo(other.Bytes);

    public override int GetHashCode()
    {
        var code = new HashCode();
        code.AddBytes(Bytes);
        return code.ToHashCode();
    }

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    public static bool operator ==(Hash28 left, Hash28 right) => left.Equals(right);
    public static bool operator !=(Hash28 left, Hash28 right) => !left.Equals(right);
    public static bool operator <(Hash28 left, Hash28 right) => left.CompareTo(right) < 0;
    public static bool operator >(Hash28 left, Hash28 right) => left.CompareTo(right) > 0;
    public static bool operator <=(Hash28 left, Hash28 right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Hash28 left, Hash28 right) => left.CompareTo(right) >= 0;

    [InlineArray(Size)]
    private struct Storage
    {
        private byte first;
    }
}
