namespace CardanoRwa.DevNet.Index;

/// <summary>Every asset that was ever minted, by its id and by its policy, in the order of its first mint.</summary>
public sealed class AssetIndex
{
    private readonly OrderedDictionary<AssetId, AssetEntry> assets = [];
    private readonly Dictionary<Hash28, OrderedDictionary<AssetId, AssetEntry>> policies = [];

    public int Count => assets.Count;
    public IReadOnlyList<AssetEntry> All => assets.Values;

    public AssetEntry? Find(AssetId asset) => assets.GetValueOrDefault(asset);

    public IReadOnlyList<AssetEntry>? OfPolicy(Hash28 policy) => policies.GetValueOrDefault(policy)?.Values;

    internal void Apply(Transaction transaction)
    {
        foreach (var (asset, amount) in transaction.Body.Mint.Entries)
        {
            if (!assets.TryGetValue(asset, out var entry)) Add(entry = new AssetEntry(asset, transaction.Id));
            entry.Minted(transaction.Id, amount);
        }
    }

    internal void Undo(Transaction transaction)
    {
        foreach (var (asset, amount) in transaction.Body.Mint.Entries)
        {
            var entry = assets[asset];
            entry.Unminted(amount);
            if (entry.Count == 0) Remove(entry);
        }
    }

    internal void Forget(Transaction transaction)
    {
        foreach (var (asset, _) in transaction.Body.Mint.Entries)
        {
            if (assets.TryGetValue(asset, out var entry)) entry.Forget(transaction.Id);
        }
    }

    internal void Move(TxOut output, int sign)
    {
        foreach (var (asset, amount) in output.Value.Tokens.Entries) assets[asset].Move(output.Address, sign * amount);
    }

    private void Add(AssetEntry entry)
    {
        assets.Add(entry.Asset, entry);
        if (!policies.TryGetValue(entry.Asset.Policy, out var policy)) policies.Add(entry.Asset.Policy, policy = []);
        policy.Add(entry.Asset, entry);
    }

    private void Remove(AssetEntry entry)
    {
        // Undone in reverse, so it is the last but for assets of the same transaction: cheap to take out.
        assets.Remove(entry.Asset);
        var policy = policies[entry.Asset.Policy];
        policy.Remove(entry.Asset);
        if (policy.Count == 0) policies.Remove(entry.Asset.Policy);
    }
}
