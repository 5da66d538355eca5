using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>One operation as its transaction carries it.</summary>
/// <param name="Quantity">Positive: minted; negative: burned.</param>
/// <param name="Output">Which output its tokens went to; for a burn 0.</param>
public sealed record TaggedOperation(Guid OperationId, Guid AssetId, long Quantity, int Output)
{
    public Address RecipientIn(Transaction transaction) => transaction.Body.Outputs[Output].Address;
}

/// <summary>
/// The operations of a transaction in its own metadata, label 7921: <c>{"v": 1, "ops": [[operation ‖ asset, quantity, output], ...]}</c>,
/// both ids as 16 bytes in RFC 9562's order. The chain then tells what a lost registry cannot.
/// </summary>
public static class OperationTag
{
    public const ulong Label = 7921;
    private const int IdBytes = 16;

    public static Metadatum Write(IEnumerable<TaggedOperation> operations) => Metadatum.Map(
        ("v", 1L),
        ("ops", new MetadataList([.. operations.Select(o => Metadatum.List(Ids(o), o.Quantity, (long)o.Output))])));

    /// <summary>The operations, or none if the transaction carries no such label or one of another make.</summary>
    public static IReadOnlyList<TaggedOperation> Read(Transaction transaction)
    {
        if (transaction.AuxiliaryData?.Metadata.GetValueOrDefault(Label) is not MetadataMap map || map["v"] is not MetadataInteger { Value: var version } || version != 1 || map["ops"] is not MetadataList list)
        {
            return [];
        }
        var operations = new List<TaggedOperation>();
        foreach (var item in list.Items)
        {
            if (item is not MetadataList { Items: [MetadataBytes { Value: { Length: 2 * IdBytes } ids }, MetadataInteger { Value: var quantity }, MetadataInteger { Value: var output }] }
                || quantity > long.MaxValue || quantity < long.MinValue || quantity == 0 || output < 0 || output >= transaction.Body.Outputs.Count)
            {
                return [];
            }
            operations.Add(new TaggedOperation(new Guid(ids.Span[..IdBytes], bigEndian: true), new Guid(ids.Span[IdBytes..], bigEndian: true), (long)quantity, (int)output));
        }
        return operations;
    }

    private static byte[] Ids(TaggedOperation operation) => [.. operation.OperationId.ToByteArray(bigEndian: true), .. operation.AssetId.ToByteArray(bigEndian: true)];
}
