using CardanoRwa.Cardano.Building;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>
/// Takes queued operations up and makes signed transactions of them. Claim, reservation, bytes and new states are one
/// database transaction: a process that dies in it has done nothing, and one that dies after it has left bytes to send.
/// </summary>
public sealed class MintBuilder(
    RwaDbContext db, RegistryTransaction registry, OperationIntake intake, SigningWallet wallet, ChainView chain, IOptions<MintingOptions> options, ILogger<MintBuilder> logger)
{
    internal const string Actor = "system:minting";
    private const ulong LeastSideLovelace = 5_000_000;
    private const int MostAnchors = 4;

    /// <returns>How many operations were taken further; 0 when there was nothing to do, or others are at it.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var taken = await registry.RunAsync(Actor, TakeAsync, cancellationToken);
        if (taken > 0)
        {
            CrashPoint.Reach(CrashPoint.AfterPersist);
        }
        return taken;
    }

    private async Task<int> TakeAsync(ChangeStamp stamp, CancellationToken token)
    {
        if (!chain.IsSynced || chain.Tip is null || !await Turn.TryTakeAsync(db, Turn.Build, token) || await MustWaitAsync(token))
        {
            return 0;
        }
        CrashPoint.Reach(CrashPoint.BeforeClaim);
        var planned = await intake.TakeAsync(stamp, token);
        var anchors = await db.ChainAnchors.FromSql($"SELECT * FROM chain_anchors WHERE transaction_id IS NULL AND attempts < {options.Value.MostAttempts} ORDER BY id LIMIT {MostAnchors} FOR NO KEY UPDATE").ToListAsync(token);
        if (planned.Count + anchors.Count == 0)
        {
            return intake.Failed;
        }
        CrashPoint.Reach(CrashPoint.AfterClaim);
        var utxos = await LoadWalletAsync(planned, token);
        CrashPoint.Reach(CrashPoint.AfterReserve);
        var lane = new Lane(db, wallet, chain, options.Value, logger, stamp, utxos, await FindHeadAsync(token), await db.ChainTransactions.MaxAsync(t => (long?)t.Sequence, token) ?? 0);
        lane.Make(planned.Where(p => p.Signers is not null).ToList(), isFullTurn: intake.TookAll);
        await MakeBesideAsync(lane, planned.Where(p => p.Signers is null).ToList(), token);
        anchors.ForEach(lane.Anchor);
        await MintDesk.ReturnSupplyAsync(db, lane.Failed, token);
        CrashPoint.Reach(CrashPoint.BeforePersist);
        return lane.Made + lane.Failed.Count + intake.Failed;
    }

    /// <summary>Minting is halted, or as much is under way as a mempool takes.</summary>
    private Task<bool> MustWaitAsync(CancellationToken cancellationToken) => db.Database.SqlQuery<bool>($"""
        SELECT EXISTS (SELECT 1 FROM wallet_state WHERE halt_code IS NOT NULL)
          OR (SELECT coalesce(sum(octet_length(bytes)), 0) FROM chain_transactions WHERE stage IN ('signed', 'submitted') AND in_lane AND block_hash IS NULL) >= {options.Value.MostBytesInFlight} AS "Value"
        """).SingleAsync(cancellationToken);

    /// <summary>All that can pay fees, and of the treasury what holds tokens to be burned; nothing that hangs on a transaction beside the lane.</summary>
    private async Task<List<WalletUtxo>> LoadWalletAsync(IReadOnlyList<PlannedOperation> planned, CancellationToken cancellationToken)
    {
        var burned = planned.Where(p => p.Operation.Kind == OperationKind.Burn).Select(p => p.Unit.ToString()).Distinct().ToArray();
        return await db.WalletUtxos
            .FromSql($"""
                SELECT * FROM wallet_utxos u WHERE spent_by IS NULL AND missing_at_height IS NULL AND (role = 'fees' OR units && {burned})
                  AND NOT EXISTS (SELECT 1 FROM chain_transactions t WHERE t.id = u.created_by AND NOT t.in_lane AND t.stage IN ('awaiting_signatures', 'signed', 'submitted'))
                FOR NO KEY UPDATE
                """)
            .ToListAsync(cancellationToken);
    }

    /// <summary>The newest lane transaction that stands: the next one spends its change.</summary>
    private Task<string?> FindHeadAsync(CancellationToken cancellationToken) => db.ChainTransactions
        .Where(t => t.InLane && t.Stage != TransactionStage.Abandoned)
        .OrderByDescending(t => t.Sequence).Select(t => (string?)t.Id).FirstOrDefaultAsync(cancellationToken);

    /// <summary>
    /// Transactions that must wait for others' signatures stand beside the lane, on outputs of their own, so that they hold
    /// nobody up. Where there is no such output, the lane's next change is split.
    /// </summary>
    private async Task MakeBesideAsync(Lane lane, IReadOnlyList<PlannedOperation> planned, CancellationToken cancellationToken)
    {
        foreach (var asset in planned.GroupBy(p => p.Token.AssetId))
        {
            var anchors = lane.Anchors([.. asset]);
            var inputs = anchors.Count > 0 ? anchors : [.. await FindSideAsync(lane, cancellationToken)];
            if (inputs.Count == 0)
            {
                // One that is not confirmed yet will do soon.
                if (!lane.Spare([]).Any(u => u.Value.Coin >= LeastSideLovelace))
                {
                    lane.Split();
                }
                return;
            }
            lane.MakeAside([.. asset], inputs);
        }
    }

    private async Task<IEnumerable<Utxo>> FindSideAsync(Lane lane, CancellationToken cancellationToken)
    {
        var unconfirmed = await db.ChainTransactions.Where(t => t.Stage == TransactionStage.AwaitingSignatures || t.Stage == TransactionStage.Signed || t.Stage == TransactionStage.Submitted).Select(t => t.Id).ToListAsync(cancellationToken);
        return lane.Spare(unconfirmed.ToHashSet()).Where(u => u.Value.Coin >= LeastSideLovelace).Take(1);
    }
}
