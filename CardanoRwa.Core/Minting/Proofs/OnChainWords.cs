using System.Text;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Transactions;

using CardanoRwa.Core.Text;
namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>What a minting transaction itself says of the token: CIP-25's metadata, or the datum of CIP-68's reference token.</summary>
internal sealed class OnChainWords(ProofFile file, ProofToken token, AssetId unit)
{
    /// <param name="carried">The file's operations that name the transaction.</param>
    public string? FindFault(Transaction transaction, IReadOnlyList<ProofOperation> carried)
    {
        var mints = carried.Where(o => o.Kind == "mint").OrderBy(o => o.CreatedAt).ThenBy(o => o.Id).ToList();
        if (mints.Count == 0 || token.Standard == TokenStandard.Plain.Wire())
        {
            return null;
        }
        if (token.Standard == TokenStandard.Cip25.Wire())
        {
            return Cip25.Find(transaction.AuxiliaryData?.Metadata ?? new Dictionary<ulong, Metadatum>(), unit) is not { } map
                ? "It has no CIP-25 metadata of the token."
                // Of several mints in one transaction the last one's metadata counts.
                : Compare(Text(map["registryId"]), Bytes(map["evidenceRoot"]), Text(map["evidence"]), mints[^1]);
        }
        var reference = AssetId.Parse(token.ReferenceUnit!);
        if (transaction.Body.Mint.QuantityOf(reference) == 0)
        {
            return null;
        }
        var holder = transaction.Body.Outputs.FirstOrDefault(o => o.Value.Tokens.QuantityOf(reference) == 1);
        return holder?.InlineDatum is not { } datum || Cip68.Read(PlutusData.Decode(datum.Span)) is not ({ } told, _)
            ? "Its reference token has no CIP-68 datum."
            : Compare(Text(Find(told, "registryId")), Bytes(Find(told, "evidenceRoot")), Text(Find(told, "evidence")), mints[0]);
    }

    private string? Compare(string? registryId, string? root, string? evidence, ProofOperation operation) =>
        registryId != file.Asset.Id.ToString("N") ? $"It names the registry's asset {registryId ?? "nowhere"}."
        : root != operation.EvidenceRoot ? $"It names the evidence root {root ?? "nowhere"}, operation {operation.Id} {operation.EvidenceRoot ?? "none"}."
        : evidence != (operation.EvidenceCid is { } cid ? $"ipfs://{cid}" : null) ? $"It names the evidence {evidence ?? "nowhere"}, operation {operation.Id} {operation.EvidenceCid ?? "none"}."
        : null;

    internal static PlutusData? Find(PlutusMap map, string name)
    {
        var key = new PlutusBytes(Encoding.UTF8.GetBytes(name));
        return map.Entries.FirstOrDefault(e => e.Key.Equals(key)).Value;
    }

    internal static string? Text(Metadatum? value) => Cip25.Join(value);

    internal static string? Bytes(Metadatum? value) => value is MetadataBytes bytes ? Convert.ToHexStringLower(bytes.Value.Span) : null;

    internal static string? Text(PlutusData? value) => value switch
    {
        PlutusBytes bytes => Encoding.UTF8.GetString(bytes.Value.Span),
        PlutusList list => string.Concat(list.Items.Select(Text)),
        _ => null,
    };

    internal static string? Bytes(PlutusData? value) => value is PlutusBytes bytes ? Convert.ToHexStringLower(bytes.Value.Span) : null;
}
