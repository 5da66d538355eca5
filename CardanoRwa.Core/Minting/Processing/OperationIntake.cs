using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>Claims queued operations and sorts out those that cannot go now: failed for good with a reason, or left for later.</summary>
public sealed class OperationIntake(RwaDbContext db, SigningWallet wallet, ChainView chain, IOptions<MintingOptions> options)
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(2);

    // So close to a policy's end a transaction would hardly make it into a block.
    private const ulong SlotsToSpare = 60;

    /// <summary>How many the last turn failed.</summary>
    public int Failed { get; private set; }

    /// <summary>Whether there may be more than the last turn took.</summary>
    public bool TookAll { get; private set; }

    internal async Task<List<PlannedOperation>> TakeAsync(ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var claimed = await db.Operations.FromSql($"""
            SELECT * FROM operations WHERE state = 'queued' AND (not_before IS NULL OR not_before <= {stamp.At})
            ORDER BY created_at, id LIMIT {options.Value.Turn} FOR NO KEY UPDATE SKIP LOCKED
            """).ToListAsync(cancellationToken);
        (TookAll, Failed) = (claimed.Count == options.Value.Turn, 0);
        if (claimed.Count == 0)
        {
            return [];
        }

        var ids = claimed.Select(o => o.AssetId).Distinct().ToList();
        var tokens = await db.Tokens.Where(t => ids.Contains(t.AssetId)).ToDictionaryAsync(t => t.AssetId, cancellationToken);
        var assets = await db.Assets.AsNoTracking().Where(a => ids.Contains(a.Id)).ToDictionaryAsync(a => a.Id, cancellationToken);
        var records = await ComplianceGate.LoadAsync(db, ids, cancellationToken);
        var anchors = claimed.Select(o => o.Anchor).OfType<string>().Distinct().ToList();
        var height = (long)chain.Height;
        // Spent by whom? By the given-up transaction, and then it is about to be taken back; or by a stranger, and then for good once that is deep enough.
        var undecided = anchors.Count == 0 ? [] : (await db.WalletUtxos.AsNoTracking()
            .Where(u => anchors.Contains(u.Id) && u.SpentBy == null && u.MissingAtHeight != null && u.MissingAtHeight + options.Value.ConfirmationDepth > height)
            .Select(u => u.Id).ToListAsync(cancellationToken)).ToHashSet();
        var planned = new List<PlannedOperation>(claimed.Count);
        var failed = new List<Operation>();
        var first = new Dictionary<Guid, OperationKind>();
        foreach (var operation in claimed)
        {
            if (operation.Anchor is { } anchor && undecided.Contains(anchor))
            {
                operation.NotBefore = stamp.At + Later;
                continue;
            }
            var token = tokens[operation.AssetId];
            // Mints and burns of one asset in one transaction would cancel out on the chain.
            if (!first.TryAdd(token.AssetId, operation.Kind) && first[token.AssetId] != operation.Kind)
            {
                continue;
            }
            var refusal = operation.Kind == OperationKind.Mint ? ComplianceGate.Check(assets[token.AssetId], records.GetValueOrDefault(token.AssetId, []), operation.Jurisdiction, stamp.At) : null;
            if (refusal is not null)
            {
                operation.Fail(refusal.Code, refusal.Detail, stamp.At);
                failed.Add(operation);
            }
            else if (Plan(operation, token, stamp.At, failed) is { } ready)
            {
                planned.Add(ready);
            }
        }
        await LeaveUncoveredAsync(planned, stamp.At, failed, cancellationToken);
        await MintDesk.ReturnSupplyAsync(db, failed, cancellationToken);
        Failed = failed.Count;
        return planned;
    }

    private PlannedOperation? Plan(Operation operation, Token token, DateTimeOffset now, List<Operation> failed)
    {
        var script = token.Script();
        var (interval, slot) = (script.RequiredInterval, chain.Tip!.Slot);
        if (interval.InvalidHereafter < slot + SlotsToSpare)
        {
            operation.Fail("policy_ended", $"The policy allows nothing from slot {interval.InvalidHereafter} on; it is slot {slot} now.", now);
        }
        else if (operation.Attempts >= options.Value.MostAttempts)
        {
            operation.Fail("given_up", $"{operation.Attempts} transactions were made for it and none landed.", now);
        }
        else if (interval.InvalidBefore > slot)
        {
            operation.NotBefore = now.AddSeconds(Math.Min(interval.InvalidBefore.Value - slot, 3600));
            return null;
        }
        else if (operation.Kind == OperationKind.Mint && TokenMetadata.FindFault(token) is { } fault)
        {
            operation.Fail("metadata_invalid", fault, now);
        }
        else
        {
            var details = operation.Kind == OperationKind.Mint && token.Standard != TokenStandard.Plain ? TokenMetadata.Read(token, operation) : null;
            return new PlannedOperation(operation, token, script, token.Unit(), PolicySigners.Choose(script, wallet.PolicyHashes.ToList()), details);
        }
        failed.Add(operation);
        return null;
    }

    /// <summary>Burns whose tokens are not in the treasury wait a while, because an index may lag behind a holder who returned them.</summary>
    private async Task LeaveUncoveredAsync(List<PlannedOperation> planned, DateTimeOffset now, List<Operation> failed, CancellationToken cancellationToken)
    {
        foreach (var burns in planned.Where(p => p.Operation.Kind == OperationKind.Burn).GroupBy(p => p.Unit).ToList())
        {
            var unit = burns.Key.ToString();
            var holdings = await db.WalletUtxos.AsNoTracking().Where(u => u.SpentBy == null && u.MissingAtHeight == null && u.Role == WalletRole.Treasury && u.Units.Contains(unit)).ToListAsync(cancellationToken);
            var held = holdings.Select(h => h.ToUtxo()).Sum(burns.Key);
            foreach (var burn in burns)
            {
                if (burn.Operation.Quantity <= held)
                {
                    held -= burn.Operation.Quantity;
                    continue;
                }
                planned.Remove(burn);
                if (now - burn.Operation.CreatedAt > options.Value.BurnPatience)
                {
                    burn.Operation.Fail("treasury_too_small", $"The treasury holds {held} of it, not {burn.Operation.Quantity}; holders must return tokens before they can be burned.", now);
                    failed.Add(burn.Operation);
                }
                else
                {
                    burn.Operation.NotBefore = now + Later;
                }
            }
        }
    }
}
