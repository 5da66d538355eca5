using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Core.Minting.Processing;

public enum GiveUpReason
{
    /// <summary>Its ttl is past by more than a fork can reach.</summary>
    Expired,

    /// <summary>A stranger's transaction spent one of its inputs, as deep.</summary>
    Conflict,

    /// <summary>The ledger refused it for what it is.</summary>
    Refused,
}

/// <summary>
/// Gives a transaction up, with all that stand on it, and queues their operations again. Every later transaction of those
/// must spend an input of the first one or descend from one that does (their anchor), so that even if this decision were
/// wrong the ledger would let only one of the two land.
/// </summary>
public sealed partial class Abandonment(RwaDbContext db, SigningWallet wallet, MintMetrics metrics, ILogger<Abandonment> logger)
{
    /// <summary>The step that the caller's commit completes, for the crash matrix.</summary>
    internal string? Settles { get; private set; }

    public async Task GiveUpAsync(ChainTransaction first, GiveUpReason reason, string detail, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var given = await DescendantsAsync(first, cancellationToken);
        var ids = given.Select(t => t.Id).ToArray();
        if (given.Find(t => t != first && t.BlockHash is not null) is { } included)
        {
            LogContradiction(logger, first.Id, included.Id);
            return;
        }
        LogGivenUp(logger, first.Id, reason, detail, given.Count - 1);
        CrashPoint.Reach(CrashPoint.BeforeGiveUp);

        // An input that is itself made by one of these vanishes with them; one of the first's does not.
        var anchors = await db.WalletUtxos.Where(u => u.SpentBy == first.Id && !ids.Contains(u.CreatedBy!)).OrderByDescending(u => u.CreatedBy != null).ThenBy(u => u.Id).Select(u => u.Id).ToListAsync(cancellationToken);
        var anchor = anchors.FirstOrDefault();
        var made = await db.WalletUtxos.Where(u => u.CreatedBy != null && ids.Contains(u.CreatedBy)).Select(u => u.Id).ToListAsync(cancellationToken);
        var operations = await db.Operations.FromSql($"SELECT * FROM operations WHERE transaction_id = ANY({ids}) OR (state = 'queued' AND anchor = ANY({made.ToArray()})) FOR NO KEY UPDATE").ToListAsync(cancellationToken);
        var earlier = await EarlierInputsAsync(operations, cancellationToken);
        var failed = new List<Operation>();
        foreach (var operation in operations)
        {
            var carrier = given.FirstOrDefault(t => t.Id == operation.TransactionId);
            if (carrier?.Id == first.Id && FailsWith(reason, first, operation) is { } code)
            {
                operation.Fail(code, detail, stamp.At);
                failed.Add(operation);
                continue;
            }
            operation.Attempts += carrier is null ? 0 : 1;
            operation.Alone |= reason == GiveUpReason.Refused && carrier?.Id == first.Id;
            // The one that excludes all it was given up with before, not this one alone.
            (operation.TransactionId, operation.Anchor) = (null, anchors.MaxBy(a => earlier[operation.Id].Count(inputs => inputs.Contains(a))));
            operation.Move(OperationState.Queued, stamp.At);
        }
        foreach (var transaction in given)
        {
            (transaction.Stage, transaction.LastAnswer) = (TransactionStage.Abandoned, detail);
        }
        await db.Database.ExecuteSqlAsync($"UPDATE wallet_utxos SET spent_by = NULL WHERE spent_by = ANY({ids})", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM wallet_utxos WHERE created_by = ANY({ids})", cancellationToken);
        await db.Database.ExecuteSqlAsync($"UPDATE tokens SET reference_transaction = NULL WHERE reference_transaction = ANY({ids})", cancellationToken);
        await db.Database.ExecuteSqlAsync($"""
            UPDATE chain_anchors SET attempts = attempts + (transaction_id IS NOT NULL)::int, transaction_id = NULL, after = {anchor}
            WHERE transaction_id = ANY({ids}) OR (transaction_id IS NULL AND after = ANY({made.ToArray()}))
            """, cancellationToken);
        await MintDesk.ReturnSupplyAsync(db, failed, cancellationToken);
        metrics.GivenUp(reason);
        Settles = CrashPoint.AfterGiveUp;
        CrashPoint.Reach(CrashPoint.DuringGiveUp);
    }

    /// <summary>
    /// A transaction whose inputs are gone may be kept out by one that was given up and landed after all: then that one
    /// counts, and this one is given up.
    /// </summary>
    public async Task<bool> ReviveRivalAsync(ChainTransaction stored, ICardanoProvider provider, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var rivals = await db.ChainTransactions
            .Where(t => t.Stage == TransactionStage.Abandoned && t.Inputs.Any(i => stored.Inputs.Contains(i)))
            .OrderByDescending(t => t.Sequence).Take(20).ToListAsync(cancellationToken);
        foreach (var rival in rivals)
        {
            if ((await provider.GetStatusAsync(Hash32.Parse(rival.Id), cancellationToken)).State == TransactionState.InBlock)
            {
                await TakeBackAsync(rival, stamp, cancellationToken);
                return true;
            }
        }
        return false;
    }

    /// <summary>One that was given up and is in a block counts; what spends its inputs or carries its operations instead is given up.</summary>
    public async Task TakeBackAsync(ChainTransaction landed, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var carriers = await (from link in db.TransactionOperations
                              join operation in db.Operations on link.OperationId equals operation.Id
                              where link.TransactionId == landed.Id && operation.TransactionId != null
                              select operation.TransactionId).Distinct().ToListAsync(cancellationToken);
        var rivals = await db.ChainTransactions
            .Where(t => t.Stage != TransactionStage.Abandoned && t.Id != landed.Id && (carriers.Contains(t.Id) || t.Inputs.Any(i => landed.Inputs.Contains(i))))
            .OrderBy(t => t.Sequence).ToListAsync(cancellationToken);
        if (rivals.Find(t => t.BlockHash is not null) is { } included)
        {
            LogContradiction(logger, landed.Id, included.Id);
            return;
        }
        foreach (var rival in rivals.Where(t => t.Stage != TransactionStage.Abandoned)) // one may go with another
        {
            await GiveUpAsync(rival, GiveUpReason.Conflict, $"Transaction {landed.Id}, given up before, landed.", stamp, cancellationToken);
        }
        await ReviveAsync(landed, stamp, cancellationToken);
        Settles = CrashPoint.AfterRevive;
        CrashPoint.Reach(CrashPoint.BeforeRevive);
    }

    /// <summary>What was spent by the transactions that carried an operation before and were given up.</summary>
    private async Task<ILookup<Guid, string[]>> EarlierInputsAsync(IEnumerable<Operation> operations, CancellationToken cancellationToken)
    {
        var ids = operations.Select(o => o.Id).ToArray();
        return (await (from link in db.TransactionOperations
                       join transaction in db.ChainTransactions on link.TransactionId equals transaction.Id
                       where ids.Contains(link.OperationId) && transaction.Stage == TransactionStage.Abandoned
                       select new { link.OperationId, transaction.Inputs }).ToListAsync(cancellationToken)).ToLookup(e => e.OperationId, e => e.Inputs);
    }

    private async Task ReviveAsync(ChainTransaction rival, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        LogRevived(logger, rival.Id);
        (rival.Stage, rival.NextCheckAt, rival.ExpiredAtHeight, rival.ConflictAtHeight) = (TransactionStage.Submitted, stamp.At, null, null);
        var carried = await db.TransactionOperations.Where(l => l.TransactionId == rival.Id).Select(l => l.OperationId).ToArrayAsync(cancellationToken);
        foreach (var operation in await db.Operations.FromSql($"SELECT * FROM operations WHERE id = ANY({carried}) FOR NO KEY UPDATE").ToListAsync(cancellationToken))
        {
            if (operation.State == OperationState.Failed)
            {
                var (mints, burns) = operation.Kind == OperationKind.Mint ? (operation.Quantity, 0L) : (0L, operation.Quantity);
                await db.Database.ExecuteSqlAsync($"UPDATE tokens SET minted = minted + {mints}, burning = burning + {burns} WHERE asset_id = {operation.AssetId}", cancellationToken);
                (operation.FailureCode, operation.FailureReason) = (null, null);
            }
            (operation.TransactionId, operation.Anchor) = (rival.Id, null);
            operation.SubmittedAt ??= stamp.At;
            operation.Move(OperationState.Submitted, stamp.At);
        }
        await db.Database.ExecuteSqlAsync($"UPDATE wallet_utxos SET spent_by = {rival.Id} WHERE id = ANY({rival.Inputs})", cancellationToken);
        var transaction = Transaction.Decode(rival.Bytes);
        if (AnchorTag.Read(transaction) is { } anchored)
        {
            await db.Database.ExecuteSqlAsync($"UPDATE chain_anchors SET transaction_id = {rival.Id}, after = NULL WHERE snapshot_id = {anchored.SnapshotId}", cancellationToken);
        }
        db.WalletUtxos.AddRange(WalletOutputs.Of(transaction.Id, transaction.Body.Outputs, wallet));
    }

    /// <summary>What no later transaction could mend.</summary>
    private static string? FailsWith(GiveUpReason reason, ChainTransaction transaction, Operation operation) => reason switch
    {
        GiveUpReason.Refused when transaction.Operations == 1 => "refused_by_ledger",
        GiveUpReason.Expired when operation.State == OperationState.AwaitingSignatures => "signatures_too_late",
        _ => null,
    };

    private async Task<List<ChainTransaction>> DescendantsAsync(ChainTransaction first, CancellationToken cancellationToken)
    {
        var all = new List<ChainTransaction> { first };
        for (string[] level = [first.Id]; level.Length > 0;)
        {
            var above = level;
            var children = await db.WalletUtxos.Where(u => u.SpentBy != null && above.Contains(u.CreatedBy!)).Select(u => u.SpentBy!).Distinct().ToListAsync(cancellationToken);
            level = [.. children.Except(all.Select(t => t.Id))];
            all.AddRange(await db.ChainTransactions.Where(t => level.Contains(t.Id)).ToListAsync(cancellationToken));
        }
        return all;
    }

    [LoggerMessage(3020, LogLevel.Warning, "Transaction {Transaction} is given up ({Reason}: {Detail}), with {Descendants} that stand on it; their operations are queued again.")]
    private static partial void LogGivenUp(ILogger logger, string transaction, GiveUpReason reason, string detail, int descendants);

    [LoggerMessage(3022, LogLevel.Error, "Transaction {Child} is in a block, which cannot be with what is said of {Transaction}: the index contradicts itself, nothing is given up.")]
    private static partial void LogContradiction(ILogger logger, string transaction, string child);

    [LoggerMessage(3021, LogLevel.Warning, "Transaction {Transaction} had been given up and landed; it counts.")]
    private static partial void LogRevived(ILogger logger, string transaction);
}
