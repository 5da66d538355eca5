namespace CardanoRwa.Cardano.Building;

/// <summary>One token to mint to one address, with its CIP-25 details if it has any.</summary>
public sealed record MintOrder(NativeScript Policy, AssetName Name, long Quantity, Address Recipient, MetadataMap? Details = null)
{
    public AssetId Asset => new(Policy.Hash, Name);

    /// <summary>
    /// One plan for many orders: an output a recipient, each with its minimum of lovelace, and one CIP-25 map for all.
    /// <paramref name="template"/> gives everything else.
    /// </summary>
    public static TransactionPlan Combine(IReadOnlyList<MintOrder> orders, TransactionPlan template, ProtocolParameters parameters, int cip25Version = 2)
    {
        var outputs = orders.GroupBy(static o => o.Recipient)
            .Select(group => parameters.WithMinCoin(new TxOut(group.Key, new Value(0, TokenBundle.From(group.Select(static o => new AssetQuantity(o.Asset, o.Quantity)))))));
        var described = orders.Where(static o => o.Details is not null).DistinctBy(static o => o.Asset).Select(static o => KeyValuePair.Create(o.Asset, o.Details!)).ToList();
        return template with
        {
            Outputs = [.. template.Outputs, .. outputs],
            Mints = [.. template.Mints, .. orders.Select(static o => new MintAction(o.Policy, o.Name, o.Quantity))],
            Metadata = described.Count == 0 ? template.Metadata : new Dictionary<ulong, Metadatum>(template.Metadata) { [Cip25.Label] = Cip25.Build(described, cip25Version) },
        };
    }
}
