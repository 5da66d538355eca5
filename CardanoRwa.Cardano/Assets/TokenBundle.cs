using System.Collections;

namespace CardanoRwa.Cardano.Assets;

/// <summary>
/// Amounts of native assets, without zeros, sorted as canonical CBOR sorts them. Amounts may be negative: a burn, or a
/// difference. What may stand in an output (1 .. 2^64-1) or a mint (int64 but 0) is checked where it is encoded.
/// </summary>
public sealed class TokenBundle : IReadOnlyList<AssetQuantity>, IEquatable<TokenBundle>
{
    public static readonly TokenBundle Empty = new([]);

    private readonly AssetQuantity[] entries;

    private TokenBundle(AssetQuantity[] sorted) => entries = sorted;

    public int Count => entries.Length;
    public bool IsEmpty => entries.Length == 0;
    public AssetQuantity this[int index] => entries[index];
    public ReadOnlySpan<AssetQuantity> Entries => entries;

    /// <summary>Whether no amount is negative.</summary>
    public bool IsNonNegative => Array.TrueForAll(entries, static e => e.Quantity > 0);

    public static TokenBundle Of(AssetId asset, Int128 quantity) => quantity == 0 ? Empty : new TokenBundle([new AssetQuantity(asset, quantity)]);

    /// <summary>Entries of the same asset are added up; zeros vanish.</summary>
    public static TokenBundle From(IEnumerable<AssetQuantity> amounts)
    {
        var sorted = amounts.ToArray();
        Array.Sort(sorted, static (a, b) => a.Asset.CompareTo(b.Asset));
        var kept = 0;
        for (var i = 0; i < sorted.Length;)
        {
            var sum = sorted[i];
            for (i++; i < sorted.Length && sorted[i].Asset == sum.Asset; i++) sum = sum with { Quantity = sum.Quantity + sorted[i].Quantity };
            if (sum.Quantity != 0) sorted[kept++] = sum;
        }

        return kept == 0 ? Empty : new TokenBundle(sorted[..kept]);
    }

    /// <summary>The amount of one asset; 0 if it is not there.</summary>
    public Int128 QuantityOf(AssetId asset)
    {
        int low = 0, high = entries.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = entries[middle].Asset.CompareTo(asset);
            if (order == 0) return entries[middle].Quantity;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return 0;
    }

    public static TokenBundle operator +(TokenBundle left, TokenBundle right) => Merge(left, right, 1);
    public static TokenBundle operator -(TokenBundle left, TokenBundle right) => Merge(left, right, -1);
    public static TokenBundle operator -(TokenBundle bundle) => Merge(Empty, bundle, -1);
    public static TokenBundle Add(TokenBundle left, TokenBundle right) => left + right;
    public static TokenBundle Subtract(TokenBundle left, TokenBundle right) => left - right;
    public static TokenBundle Negate(TokenBundle bundle) => -bundle;

    public bool Equals(TokenBundle? other) => other is not null && entries.AsSpan().SequenceEqual(other.entries);
    public override bool Equals(object? obj) => Equals(obj as TokenBundle);

    public override int GetHashCode()
    {
        var code = new HashCode();
        foreach (var entry in entries) code.Add(entry);
        return code.ToHashCode();
    }

    public IEnumerator<AssetQuantity> GetEnumerator() => ((IEnumerable<AssetQuantity>)entries).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => entries.GetEnumerator();

    private static TokenBundle Merge(TokenBundle left, TokenBundle right, int sign)
    {
        if (right.IsEmpty) return left;
        if (left.IsEmpty && sign > 0) return right;
        AssetQuantity[] a = left.entries, b = right.entries;
        var merged = new AssetQuantity[a.Length + b.Length];
        int i = 0, j = 0, kept = 0;
        while (i < a.Length || j < b.Length)
        {
            var order = i == a.Length ? 1 : j == b.Length ? -1 : a[i].Asset.CompareTo(b[j].Asset);
            var quantity = (order <= 0 ? a[i].Quantity : 0) + (order >= 0 ? sign * b[j].Quantity : 0);
            var asset = order <= 0 ? a[i].Asset : b[j].Asset;
            if (order <= 0) i++;
            if (order >= 0) j++;
            if (quantity != 0) merged[kept++] = new AssetQuantity(asset, quantity);
        }

        return kept == 0 ? Empty : new TokenBundle(kept == merged.Length ? merged : merged[..kept]);
    }
}
