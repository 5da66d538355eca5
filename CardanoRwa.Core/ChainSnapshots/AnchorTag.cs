using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Core.ChainSnapshots;

/// <summary>What a transaction says of a snapshot.</summary>
/// <param name="Root">64 hex digits.</param>
public sealed record AnchoredRoot(string SnapshotId, string Root, long Height);

/// <summary>
/// A snapshot's root in a transaction's metadata, label 7922: <c>{"v": 1, "id": snapshot, "root": 32 bytes, "height": block}</c>. Whoever has
/// the snapshot's file can then show that it was as it is when that transaction's block was made.
/// </summary>
public static class AnchorTag
{
    public const ulong Label = 7922;
    private const int RootBytes = 32;

    public static Metadatum Write(ChainAnchor anchor) => Metadatum.Map(("v", 1L), ("id", anchor.SnapshotId), ("root", Convert.FromHexString(anchor.Root)), ("height", anchor.Height));

    /// <summary>Null if the transaction carries no such label or one of another make.</summary>
    public static AnchoredRoot? Read(Transaction transaction) =>
        transaction.AuxiliaryData?.Metadata.GetValueOrDefault(Label) is MetadataMap map
        && map["v"] is MetadataInteger { Value: var version } && version == 1
        && map["id"] is MetadataText { Value: var id } && map["root"] is MetadataBytes { Value: { Length: RootBytes } root } && map["height"] is MetadataInteger { Value: var height } && height >= 0 && height <= long.MaxValue
            ? new AnchoredRoot(id, Convert.ToHexStringLower(root.Span), (long)height)
            : null;
}
