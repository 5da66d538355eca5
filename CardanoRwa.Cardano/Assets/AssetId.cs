using System.Diagnostics.CodeAnalysis;

namespace CardanoRwa.Cardano.Assets;

/// <summary>A native asset: the hash of its minting policy and its name under that policy.</summary>
public readonly record struct AssetId(Hash28 Policy, AssetName Name) : IComparable<AssetId>
{
    private const int PolicyHexLength = Hash28.Size * 2;

    /// <summary>CIP-14: bech32 with prefix <c>asset</c> over blake2b-160(policy || name).</summary>
    public string Fingerprint
    {
        get
        {
            Span<byte> unit = stackalloc byte[Hash28.Size + AssetName.MaxSize];
            Policy.Bytes.CopyTo(unit);
            Name.Bytes.CopyTo(unit[Hash28.Size..]);
            Span<byte> hash = stackalloc byte[20];
            Blake2b.Hash(unit[..(Hash28.Size + Name.Bytes.Length)], hash);
            return Bech32.Encode("asset", hash);
        }
    }

    /// <summary>Reads the unit form of Blockfrost and others: policy then name, both hex, nothing between.</summary>
    public static AssetId Parse(string unit) => TryParse(unit, out var id) ? id : throw new FormatException($"Not an asset unit (policy and name in hex): '{unit}'.");

    public static bool TryParse([NotNullWhen(true)] string? unit, out AssetId id)
    {
        id = default;
        if (unit is null || unit.Length < PolicyHexLength) return false;
        if (!Hash28.TryParse(unit[..PolicyHexLength], out var policy) || !AssetName.TryParse(unit[PolicyHexLength..], out var name)) return false;
        id = new AssetId(policy, name);
        return true;
    }

    public int CompareTo(AssetId other) => Policy.CompareTo(other.Policy) is var order && order != 0 ? order : Name.CompareTo(other.Name);

    /// <summary>The unit form: policy then name in hex.</summary>
    public override string ToString() => $"{Policy}{Name}";

    public static bool operator <(AssetId left, AssetId right) => left.CompareTo(right) < 0;
    public static bool operator >(AssetId left, AssetId right) => left.CompareTo(right) > 0;
    public static bool operator <=(AssetId left, AssetId right) => left.CompareTo(right) <= 0;
    public static bool operator >=(AssetId left, AssetId right) => left.CompareTo(right) >= 0;
}
