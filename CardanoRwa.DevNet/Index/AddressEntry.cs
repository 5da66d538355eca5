namespace CardanoRwa.DevNet.Index;

/// <summary>The unspent outputs of an address that was used at least once, oldest first.</summary>
public sealed class AddressEntry
{
    private static readonly Comparer<IndexedOutput> ByOrder = Comparer<IndexedOutput>.Create(static (a, b) => a.Order.CompareTo(b.Order));

    private readonly List<IndexedOutput> unspent = [];

    public IReadOnlyList<IndexedOutput> Unspent => unspent;

    /// <summary>How many outputs in the blocks applied were made here; at 0 the address was never used.</summary>
    internal int Made { get; set; }

    internal void Add(IndexedOutput output)
    {
        var place = unspent.Count > 0 && unspent[^1].Order > output.Order ? ~unspent.BinarySearch(output, ByOrder) : unspent.Count;
        unspent.Insert(place, output);
    }

    internal void Remove(IndexedOutput output) => unspent.RemoveAt(unspent.BinarySearch(output, ByOrder));
}
