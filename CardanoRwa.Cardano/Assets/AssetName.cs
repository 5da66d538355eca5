using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace CardanoRwa.Cardano.Assets;

/// <summary>0 to 32 bytes that name an asset within its policy. Ordered as canonical CBOR orders map keys: shorter first, then as bytes.</summary>
public readonly struct AssetName : IEquatable<AssetName>, IComparable<AssetName>
{
    public const int MaxSize = 32;

    private readonly Storage storage;
    private readonly byte length;

    public AssetName(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxSize) throw new ArgumentException($"An asset name has at most {MaxSize} bytes; this one has {bytes.Length}.", nameof(bytes));
        bytes.CopyTo(storage);
        length = (byte)bytes.Length;
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)storage)[..length];

    public static AssetName FromText(string text) => new(Encoding.UTF8.GetBytes(text));

    public static AssetName Parse(string hex) => TryParse(hex, out var name) ? name : throw new FormatException($"Expected at most {MaxSize * 2} hex digits: '{hex}'.");

    public static bool TryParse([NotNullWhen(true)] string? hex, out AssetName name)
    {
        Span<byte> bytes = stackalloc byte[MaxSize];
        var valid = hex?.Length <= MaxSize * 2 && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        name = valid ? new AssetName(bytes[..(hex!.Length / 2)]) : default;
        return valid;
    }

    public bool Equals(AssetName other) => Bytes.SequenceEqual(other.Bytes);
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is AssetName other && Equals(other);
    public int CompareTo(AssetName other) => length != other.length ? length.CompareTo(other.length) : Bytes.SequenceCompareTo(other.Bytes);

    public override int GetHashCode()
    {
        var code = new HashCode();
        code.AddBytes(Bytes);
        return code.ToHashCode();
    }

    /// <summary>Lower-case hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    public static bool operator ==(AssetName left, AssetName right) => left.Equals(right);
    public static bool operator !=(AssetName left, AssetName right) => !left.Equals(right);
    public static bool operator <(AssetName left, AssetName right) => left.CompareTo(right) < 0;
    public static bool operator >(AssetName left, AssetName right) => left.CompareTo(right) > 0;
    public static bool operator <=(AssetName left, AssetName right) => left.CompareTo(right) <= 0;
    public static bool operator >=(AssetName left, AssetName right) => left.CompareTo(right) >= 0;

    [InlineArray(MaxSize)]
    private struct Storage
    {
        private byte first;
    }
}
