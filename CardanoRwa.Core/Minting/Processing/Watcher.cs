using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>Follows transactions on the chain: into a block, to depth, out of it again by a fork, past their ttl.</summary>
public sealed partial class Watcher(
    RwaDbContext db, RegistryTransaction registry, Abandonment abandonment, ICardanoProvider provider, ChainView chain, MintMetrics metrics,
    IOptions<MintingOptions> options, TimeProvider clock, ILogger<Watcher> logger)
{
    private const int AtOnce = 100;
    private const int Parallel = 8;
    private const int ConfirmedPause = 10;

    /// <summary>The step that the commit completes, for the crash matrix.</summary>
    private string? _thrownOut;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await chain.RefreshAsync(cancellationToken);
        if (chain.Tip is not { } tip)
        {
            return;
        }
        var now = clock.GetUtcNow();
        // One being sent is looked up as well, whenever it is sent next: the answer to its sending may have died with its
        // sender, and its ttl passes while it is refused.
        var due = await db.ChainTransactions.AsNoTracking()
            .Where(t => (t.Stage == TransactionStage.Signed && t.Submissions > 0)
                || ((t.Stage == TransactionStage.AwaitingSignatures || t.Stage == TransactionStage.Submitted || t.Stage == TransactionStage.Confirmed) && t.NextCheckAt <= now))
            .OrderBy(t => t.Sequence).Take(AtOnce).Select(t => t.Id).ToListAsync(cancellationToken);
        if (due.Count == 0)
        {
            return;
        }
        CrashPoint.Reach(CrashPoint.BeforePoll);
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, TransactionStatus>();
        await System.Threading.Tasks.Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken }, async (id, token) =>
            seen[id] = await provider.GetStatusAsync(Hash32.Parse(id), token));

        CrashPoint.Reach(CrashPoint.AfterPoll);
        var confirmed = await registry.RunAsync<List<Operation>>(MintBuilder.Actor, async (stamp, token) =>
        {
            var done = new List<Operation>();
            if (!await Turn.TryTakeAsync(db, Turn.Watch, token))
            {
                return done;
            }
            foreach (var stored in await db.ChainTransactions.FromSql($"SELECT * FROM chain_transactions WHERE id = ANY({due}) ORDER BY sequence FOR NO KEY UPDATE").ToListAsync(token))
            {
                await ApplyAsync(stored, seen[stored.Id], tip, stamp, done, token);
            }
            if (done.Count > 0)
            {
                CrashPoint.Reach(CrashPoint.BeforeConfirm);
            }
            if (_thrownOut is not null)
            {
                CrashPoint.Reach(CrashPoint.BeforeRollBack);
            }
            return done;
        }, cancellationToken);
        if (confirmed.Count > 0)
        {
            CrashPoint.Reach(CrashPoint.AfterConfirm);
        }
        CrashPoint.Reach(_thrownOut);
        CrashPoint.Reach(abandonment.Settles);
        foreach (var operation in confirmed)
        {
            metrics.Confirmed(operation);
        }
    }

    private async Task ApplyAsync(ChainTransaction stored, TransactionStatus status, ChainPoint tip, ChangeStamp stamp, List<Operation> confirmed, CancellationToken cancellationToken)
    {
        if (stored.Stage is TransactionStage.Abandoned or TransactionStage.Final)
        {
            return; // given up a moment ago with one it stood on
        }
        if (stored.Stage != TransactionStage.Signed) // then it is the time to send it
        {
            stored.NextCheckAt = stamp.At + options.Value.WatchInterval;
        }
        switch (status.State)
        {
            case TransactionState.InBlock:
                await InBlockAsync(stored, status, tip, stamp, confirmed, cancellationToken);
                break;
            case TransactionState.Pending:
                await OutOfBlockAsync(stored, stamp, cancellationToken);
                if (stored.Stage is TransactionStage.Signed or TransactionStage.AwaitingSignatures)
                {
                    await Submitter.AcceptAsync(db, stored, stamp.At, cancellationToken);
                }
                break;
            default:
                await OutOfBlockAsync(stored, stamp, cancellationToken);
                await UnknownAsync(stored, tip, stamp, cancellationToken);
                break;
        }
    }

    private async Task InBlockAsync(ChainTransaction stored, TransactionStatus status, ChainPoint tip, ChangeStamp stamp, List<Operation> confirmed, CancellationToken cancellationToken)
    {
        if (stored.Stage is TransactionStage.Signed or TransactionStage.AwaitingSignatures)
        {
            foreach (var operation in await Submitter.AcceptAsync(db, stored, stamp.At, cancellationToken))
            {
                metrics.Submitted(operation, stamp.At);
            }
        }
        (stored.BlockHash, stored.BlockHeight, stored.BlockSlot) = (status.Block?.Hash.ToString(), (long?)status.Block?.Height, (long?)status.Block?.Slot);
        (stored.ExpiredAtHeight, stored.ConflictAtHeight) = (null, null);
        stored.Confirmations = (long)(status.Confirmations(tip) ?? 1);
        if (stored.Stage == TransactionStage.Submitted && stored.Confirmations >= options.Value.ConfirmationDepth)
        {
            stored.Stage = TransactionStage.Confirmed;
            confirmed.AddRange(await ConfirmAsync(stored, stamp, cancellationToken));
        }
        if (stored.Stage == TransactionStage.Confirmed)
        {
            stored.NextCheckAt = stamp.At + options.Value.WatchInterval * ConfirmedPause;
            if (stored.Confirmations >= options.Value.FinalDepth)
            {
                stored.Stage = TransactionStage.Final;
            }
        }
    }

    private async Task<IEnumerable<Operation>> ConfirmAsync(ChainTransaction stored, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var operations = await db.Operations.FromSql($"SELECT * FROM operations WHERE transaction_id = {stored.Id} AND state = 'submitted' FOR NO KEY UPDATE").ToListAsync(cancellationToken);
        foreach (var operation in operations)
        {
            operation.ConfirmedAt = stamp.At;
            operation.Move(OperationState.Confirmed, stamp.At);
        }
        await CountBurnsAsync(operations, sign: 1, cancellationToken);
        return operations;
    }

    /// <summary>A fork threw it out of its block: what was confirmed is under way again.</summary>
    private async Task OutOfBlockAsync(ChainTransaction stored, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (stored.BlockHash is null)
        {
            return;
        }
        LogRolledBack(logger, stored.Id, stored.BlockHash, stored.Confirmations);
        metrics.RolledBack();
        _thrownOut = CrashPoint.AfterRollBack;
        (stored.BlockHash, stored.BlockHeight, stored.BlockSlot, stored.Confirmations) = (null, null, null, 0);
        if (stored.Stage != TransactionStage.Confirmed)
        {
            return;
        }
        stored.Stage = TransactionStage.Submitted;
        var operations = await db.Operations.FromSql($"SELECT * FROM operations WHERE transaction_id = {stored.Id} AND state = 'confirmed' FOR NO KEY UPDATE").ToListAsync(cancellationToken);
        foreach (var operation in operations)
        {
            operation.ConfirmedAt = null;
            operation.Move(OperationState.Submitted, stamp.At);
        }
        await CountBurnsAsync(operations, sign: -1, cancellationToken);
    }

    private async Task UnknownAsync(ChainTransaction stored, ChainPoint tip, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var (height, depth) = ((long)(tip.Height ?? 0), options.Value.ConfirmationDepth);
        stored.ExpiredAtHeight = tip.Slot >= (ulong)stored.Ttl ? stored.ExpiredAtHeight ?? height : null;
        if (stored.ConflictAtHeight is not null && await abandonment.ReviveRivalAsync(stored, provider, stamp, cancellationToken))
        {
            return;
        }
        if (height >= stored.ExpiredAtHeight + depth)
        {
            await abandonment.GiveUpAsync(stored, GiveUpReason.Expired, $"Slot {stored.Ttl} passed without it being included.", stamp, cancellationToken);
        }
        else if (height >= stored.ConflictAtHeight + depth && await StandsOnBlocksAsync(stored, cancellationToken))
        {
            await abandonment.GiveUpAsync(stored, GiveUpReason.Conflict, $"Another transaction spent one of its inputs: {stored.LastAnswer}", stamp, cancellationToken);
        }
        else if (stored.Stage == TransactionStage.Submitted)
        {
            // Thrown out of mempools, or never passed on: the same bytes once more.
            (stored.Stage, stored.NextCheckAt) = (TransactionStage.Signed, stamp.At);
            LogLost(logger, stored.Id);
        }
    }

    /// <summary>Only if all it spends is in blocks can an input be gone for good.</summary>
    private async Task<bool> StandsOnBlocksAsync(ChainTransaction stored, CancellationToken cancellationToken) =>
        !await (from utxo in db.WalletUtxos
                join parent in db.ChainTransactions on utxo.CreatedBy equals parent.Id
                where utxo.SpentBy == stored.Id && parent.BlockHash == null
                select parent.Id).AnyAsync(cancellationToken);

    private async Task CountBurnsAsync(IEnumerable<Operation> operations, int sign, CancellationToken cancellationToken)
    {
        foreach (var burns in operations.Where(o => o.Kind == OperationKind.Burn).GroupBy(o => o.AssetId).OrderBy(g => g.Key))
        {
            var quantity = sign * burns.Sum(o => o.Quantity);
            await db.Database.ExecuteSqlAsync($"UPDATE tokens SET burned = burned + {quantity} WHERE asset_id = {burns.Key}", cancellationToken);
        }
    }

    [LoggerMessage(3030, LogLevel.Warning, "A fork threw transaction {Transaction} out of block {Block} after {Confirmations} confirmations.")]
    private static partial void LogRolledBack(ILogger logger, string transaction, string block, long confirmations);

    [LoggerMessage(3031, LogLevel.Information, "Transaction {Transaction} is neither in a block nor in the mempool; it is sent again.")]
    private static partial void LogLost(ILogger logger, string transaction);
}
