namespace CardanoRwa.DevNet.Index;

/// <summary>One asset: its supply, who holds it, and when it was minted and burned.</summary>
public sealed class AssetEntry(AssetId asset, Hash32 initialMint)
{
    private readonly Dictionary<Address, Int128> holders = [];

    public AssetId Asset { get; } = asset;
    public Hash32 InitialMint { get; } = initialMint;
    public Int128 Quantity { get; private set; }

    /// <summary>All mints and burns, those that are no longer kept included.</summary>
    public int Count { get; private set; }

    /// <summary>Oldest first; only those in blocks that are still kept.</summary>
    public LinkedList<MintEvent> Events { get; } = [];

    public IReadOnlyDictionary<Address, Int128> Holders => holders;

    internal void Minted(Hash32 transaction, Int128 amount)
    {
        Events.AddLast(new MintEvent(transaction, amount));
        Quantity += amount;
        Count++;
    }

    internal void Unminted(Int128 amount)
    {
        Events.RemoveLast();
        Quantity -= amount;
        Count--;
    }

    internal void Forget(Hash32 transaction)
    {
        if (Events.First is { } first && first.Value.Transaction == transaction) Events.RemoveFirst();
    }

    internal void Move(Address holder, Int128 amount)
    {
        var held = holders.GetValueOrDefault(holder) + amount;
        if (held == 0) holders.Remove(holder);
        else holders[holder] = held;
    }
}

/// <param name="Amount">Negative for a burn.</param>
public readonly record struct MintEvent(Hash32 Transaction, Int128 Amount);
