using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Core.Minting.Proofs;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting.Reconciling;

/// <summary>Makes a token anew from a transaction that minted it. The chain does not know its cap, nor who had to approve: the cap is what the name tells, and approval is asked for until a person says otherwise.</summary>
public sealed class TokenRevival(RwaDbContext db)
{
    /// <returns>Null if the asset is unknown, or the transaction leaves open which of its tokens it is.</returns>
    internal async Task<Token?> ReviveAsync(Transaction transaction, Guid assetId, IReadOnlyList<TaggedOperation> tagged, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (!await db.Assets.AnyAsync(a => a.Id == assetId, cancellationToken) || await FindUnitAsync(transaction, assetId, tagged, cancellationToken) is not { } unit
            || transaction.Witnesses.NativeScripts.FirstOrDefault(s => s.Hash == unit.Policy) is not { } script)
        {
            return null;
        }
        var details = transaction.AuxiliaryData is { } data ? Cip25.Find(data.Metadata, unit) : null;
        var isLabelled = AssetLabel.TryRead(unit.Name, out var label) && details is null && label is (AssetLabel.NonFungible or AssetLabel.Fungible);
        var token = new Token
        {
            AssetId = assetId,
            PolicyId = unit.Policy.ToString(),
            PolicyScript = script.Bytes.ToArray(),
            AssetName = isLabelled ? Convert.ToHexStringLower(unit.Name.Bytes[AssetLabel.Size..]) : unit.Name.ToString(),
            Standard = details is not null ? TokenStandard.Cip25 : isLabelled ? TokenStandard.Cip68 : TokenStandard.Plain,
            Metadata = details is null ? "{}" : MetadataJson.Format(new MetadataMap([.. details.Entries.Where(e => e.Key is not MetadataText { Value: "registryId" or "evidenceRoot" or "evidence" })])),
            MaxSupply = isLabelled && label == AssetLabel.NonFungible ? 1 : null,
            RequiresApproval = true,
            CreatedAt = stamp.At,
        };
        db.Tokens.Add(token);
        return token;
    }

    /// <summary>By the registry's id in the metadata, else the only unit that no token has and whose quantity is right.</summary>
    private async Task<AssetId?> FindUnitAsync(Transaction transaction, Guid assetId, IReadOnlyList<TaggedOperation> tagged, CancellationToken cancellationToken)
    {
        var sum = tagged.Aggregate((Int128)0, (total, t) => total + t.Quantity);
        var candidates = transaction.Body.Mint.Where(m => m.Quantity == sum).Select(m => m.Asset).ToList();
        var metadata = transaction.AuxiliaryData?.Metadata;
        var named = candidates.Where(u => metadata is not null && OnChainWords.Text(Cip25.Find(metadata, u)?["registryId"]) == assetId.ToString("N")).ToList();
        if (named.Count == 1)
        {
            return named[0];
        }
        var policies = candidates.Select(c => c.Policy.ToString()).Distinct().ToList();
        var taken = (await db.Tokens.AsNoTracking().Where(t => policies.Contains(t.PolicyId)).ToListAsync(cancellationToken)).SelectMany(t => new[] { t.Unit(), t.ReferenceUnit() ?? t.Unit() }).ToHashSet();
        candidates.RemoveAll(c => taken.Contains(c) || (AssetLabel.TryRead(c.Name, out var label) && label == AssetLabel.Reference));
        return candidates.Count == 1 ? candidates[0] : null;
    }
}
