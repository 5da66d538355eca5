using System.Text.Json;
using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Index;

namespace CardanoRwa.DevNet.Blockfrost;

/// <summary>The CIP-25 details of an asset: those of the newest mint that has any. CIP-68 is left to the client, which finds the datum among the UTxOs.</summary>
internal static class OnchainMetadata
{
    // How many mints to look back; a token that was minted a thousand times is no NFT.
    private const int LookBack = 20;

    internal static (JsonElement? Details, string? Standard) Of(NodeView view, AssetEntry entry)
    {
        var looked = 0;
        for (var node = entry.Events.Last; node is not null && looked++ < LookBack; node = node.Previous)
        {
            if (node.Value.Amount < 0 || view.Index.FindTransaction(node.Value.Transaction)?.Item.Read().AuxiliaryData?.Metadata is not { } metadata) continue;
            if (Cip25.Find(metadata, entry.Asset) is { } details) return (TransactionEndpoints.JsonOf(details), Cip25.FindFault(details) is null ? Standard(metadata) : null);
        }

        return (null, null);
    }

    private static string Standard(IReadOnlyDictionary<ulong, Metadatum> metadata) =>
        metadata[Cip25.Label] is MetadataMap map && map["version"] is MetadataInteger version && version.Value == 2 ? "CIP25v2" : "CIP25v1";
}
