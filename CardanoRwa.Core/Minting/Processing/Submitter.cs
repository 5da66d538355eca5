using CardanoRwa.Cardano.Providers;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>Sends complete transactions, always the same bytes, in the lane's order. Dying anywhere in it means sending them once more.</summary>
public sealed partial class Submitter(RwaDbContext db, RegistryTransaction registry, Abandonment abandonment, ICardanoProvider provider, ChainView chain, MintMetrics metrics, TimeProvider clock, ILogger<Submitter> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <returns>Whether one was sent, so that another may follow.</returns>
    public async Task<bool> SendNextAsync(CancellationToken cancellationToken)
    {
        var submitted = await registry.RunAsync<IReadOnlyList<Operation>?>(MintBuilder.Actor, async (stamp, token) =>
        {
            if (!await Turn.TryTakeAsync(db, Turn.Submit, token) || await FindDueAsync(stamp.At, token) is not { } due)
            {
                return null;
            }
            return await SendAsync(due, stamp, token);
        }, cancellationToken);
        if (submitted is { Count: > 0 })
        {
            CrashPoint.Reach(CrashPoint.AfterSubmitted);
        }
        CrashPoint.Reach(abandonment.Settles);
        foreach (var operation in submitted ?? [])
        {
            metrics.Submitted(operation, clock.GetUtcNow());
        }
        return submitted is not null;
    }

    /// <summary>The lane's first that waits, if its pause is over: those behind it spend what it makes. One beside the lane waits for nobody.</summary>
    private async Task<ChainTransaction?> FindDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var first = await db.ChainTransactions.FromSql($"""
            SELECT * FROM chain_transactions WHERE stage = 'signed'
              AND (sequence = (SELECT min(sequence) FROM chain_transactions WHERE stage = 'signed' AND in_lane) OR NOT in_lane)
              AND next_check_at <= {now}
            ORDER BY sequence LIMIT 1 FOR NO KEY UPDATE
            """).ToListAsync(cancellationToken);
        return first.FirstOrDefault();
    }

    /// <returns>The operations that are submitted by this.</returns>
    private async Task<IReadOnlyList<Operation>> SendAsync(ChainTransaction stored, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        stored.Submissions++;
        CrashPoint.Reach(CrashPoint.BeforeSubmit);
        var outcome = await provider.SubmitAsync(Transaction.Decode(stored.Bytes), cancellationToken);
        CrashPoint.Reach(CrashPoint.AfterSubmit);
        metrics.Answered(outcome);
        stored.LastAnswer = outcome is SubmitOutcome.Accepted ? null : Cut($"{outcome}");
        switch (outcome)
        {
            case SubmitOutcome.Accepted:
                return await AcceptAsync(db, stored, ChangeStamp.Microseconds(clock.GetUtcNow()), cancellationToken);
            case SubmitOutcome.Refused refused when refused.Reasons.Any(r => r.InputsAreGone):
                LogGone(logger, stored.Id, refused.ToString());
                stored.ConflictAtHeight ??= (long)chain.Height;
                await ResendEarlierAsync(stored, cancellationToken);
                Pause(stored, stamp.At);
                return [];
            case SubmitOutcome.Refused refused when refused.Reasons.Any(r => r.Rule is LedgerRule.OutsideValidityIntervalUTxO):
                // Too late: the watcher gives it up once that is certain. Too early: it comes back.
                LogRefused(logger, stored.Id, refused.ToString());
                Pause(stored, stamp.At);
                return [];
            case SubmitOutcome.Refused refused:
                LogRefused(logger, stored.Id, refused.ToString());
                await abandonment.GiveUpAsync(stored, GiveUpReason.Refused, Cut(refused.ToString()), stamp, cancellationToken);
                return [];
            default:
                LogUncertain(logger, stored.Id, stored.LastAnswer!);
                Pause(stored, stamp.At);
                return [];
        }
    }

    /// <param name="at">When the chain said so.</param>
    /// <returns>The operations that were never submitted before.</returns>
    internal static async Task<IReadOnlyList<Operation>> AcceptAsync(RwaDbContext db, ChainTransaction stored, DateTimeOffset at, CancellationToken cancellationToken)
    {
        stored.Stage = TransactionStage.Submitted;
        stored.SubmittedAt ??= at;
        stored.ConflictAtHeight = null;
        stored.NextCheckAt = at;
        var operations = await db.Operations.FromSql($"SELECT * FROM operations WHERE transaction_id = {stored.Id} FOR NO KEY UPDATE").ToListAsync(cancellationToken);
        var first = operations.Where(o => o.SubmittedAt is null).ToList();
        foreach (var operation in operations.Where(o => o.State is OperationState.Signed or OperationState.AwaitingSignatures))
        {
            operation.SubmittedAt ??= at;
            operation.Move(OperationState.Submitted, at);
        }
        return first;
    }

    /// <summary>A fork can have thrown out what this one stands on: everything before it in the lane that is in no block is sent again, oldest first.</summary>
    private async Task ResendEarlierAsync(ChainTransaction stored, CancellationToken cancellationToken)
    {
        var earlier = await db.ChainTransactions.AsNoTracking()
            .Where(t => t.Stage == TransactionStage.Submitted && t.BlockHash == null && t.Sequence < stored.Sequence)
            .OrderBy(t => t.Sequence).Take(100).ToListAsync(cancellationToken);
        foreach (var parent in earlier)
        {
            metrics.Answered(await provider.SubmitAsync(Transaction.Decode(parent.Bytes), cancellationToken));
        }
    }

    private static void Pause(ChainTransaction stored, DateTimeOffset now) =>
        stored.NextCheckAt = now + TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(stored.Submissions - 1, 10)));

    private static string Cut(string text) => text.Length <= 2_000 ? text : text[..2_000];

    [LoggerMessage(3010, LogLevel.Warning, "Transaction {Transaction}: its inputs are said to be gone ({Reason}).")]
    private static partial void LogGone(ILogger logger, string transaction, string reason);

    [LoggerMessage(3011, LogLevel.Error, "The ledger refused transaction {Transaction}: {Reason}")]
    private static partial void LogRefused(ILogger logger, string transaction, string reason);

    [LoggerMessage(3012, LogLevel.Warning, "Transaction {Transaction} may have been accepted: {Answer} The same bytes are sent again.")]
    private static partial void LogUncertain(ILogger logger, string transaction, string answer);
}
