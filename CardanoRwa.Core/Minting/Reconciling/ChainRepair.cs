using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Core.Minting.Proofs;
using CardanoRwa.Core.Restored;
using CardanoRwa.Core.Writes;
using CardanoRwa.Cardano.Metadata;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting.Reconciling;

/// <summary>Brings the registry's books to what the chain has. Each transaction is taken in by one of the database, while no worker makes, sends or watches any.</summary>
public sealed class ChainRepair(RwaDbContext db, RegistryTransaction registry, Abandonment abandonment, TokenRevival revival, RestoreHold hold, SigningWallet wallet)
{
    internal const string Actor = "chain:reconcile";

    /// <returns>False if the registry knows it by now.</returns>
    internal Task<bool> TakeInAsync(Transaction transaction, IReadOnlyDictionary<Hash32, Transaction> strangers, CancellationToken cancellationToken) => registry.RunAsync(Actor, async (stamp, token) =>
    {
        await TakeTurnsAsync(token);
        var id = transaction.Id.ToString();
        if (await db.ChainTransactions.AnyAsync(t => t.Id == id, token))
        {
            return false;
        }
        await GiveWayAsync(transaction, stamp, token);
        var tagged = OperationTag.Read(transaction);
        db.ChainTransactions.Add(new ChainTransaction
        {
            Id = id,
            Sequence = (await db.ChainTransactions.MaxAsync(t => (long?)t.Sequence, token) ?? 0) + 1,
            // One that needed signatures from elsewhere stood beside the lane.
            InLane = transaction.Witnesses.NativeScripts.All(s => PolicySigners.Choose(s, [.. wallet.PolicyHashes]) is not null),
            Stage = TransactionStage.Submitted,
            Bytes = transaction.Bytes.ToArray(),
            Inputs = [.. transaction.Body.Inputs.Select(WalletUtxo.IdOf)],
            Ttl = (long)Math.Min(transaction.Body.Validity.InvalidHereafter ?? long.MaxValue, long.MaxValue),
            Fee = (long)transaction.Body.Fee,
            Operations = tagged.Count,
            CreatedAt = stamp.At,
            SubmittedAt = stamp.At,
            NextCheckAt = stamp.At,
        });
        await BookAsync(transaction, strangers, token);
        foreach (var asset in tagged.GroupBy(t => t.AssetId).OrderBy(g => g.Key))
        {
            await PlaceAsync(transaction, asset.Key, [.. asset], stamp, token);
        }
        return true;
    }, cancellationToken);

    /// <summary>Operations of transactions that are known, whose asset or token was not there when those were taken in.</summary>
    internal Task<List<(string Transaction, TaggedOperation Operation)>> PlaceLeftAsync(bool apply, CancellationToken cancellationToken) => registry.RunAsync(Actor, async (stamp, token) =>
    {
        await TakeTurnsAsync(token);
        var left = new List<(string, TaggedOperation)>();
        foreach (var stored in await db.ChainTransactions.FromSql($"""
            SELECT t.* FROM chain_transactions t WHERE t.stage <> 'abandoned' AND t.operations > (SELECT count(*) FROM transaction_operations l WHERE l.transaction_id = t.id)
            """).AsNoTracking().ToListAsync(token))
        {
            var transaction = Transaction.Decode(stored.Bytes);
            var linked = await db.TransactionOperations.Where(l => l.TransactionId == stored.Id).Select(l => l.OperationId).ToListAsync(token);
            foreach (var asset in OperationTag.Read(transaction).Where(t => !linked.Contains(t.OperationId)).GroupBy(t => t.AssetId).OrderBy(g => g.Key))
            {
                if (!apply || !await PlaceAsync(transaction, asset.Key, [.. asset], stamp, token))
                {
                    left.AddRange(asset.Select(t => (stored.Id, t)));
                }
            }
        }
        return left;
    }, cancellationToken);

    internal Task<bool> SendBackAsync(string id, CancellationToken cancellationToken) => registry.RunAsync(Actor, async (stamp, token) =>
    {
        await TakeTurnsAsync(token);
        var stored = await db.ChainTransactions.SingleAsync(t => t.Id == id, token);
        if (stored.Stage is not (TransactionStage.Confirmed or TransactionStage.Final))
        {
            return false;
        }
        (stored.Stage, stored.NextCheckAt) = (TransactionStage.Submitted, stamp.At);
        (stored.BlockHash, stored.BlockHeight, stored.BlockSlot, stored.Confirmations) = (null, null, null, 0);
        foreach (var operation in await db.Operations.FromSql($"SELECT * FROM operations WHERE transaction_id = {id} AND state = 'confirmed' FOR NO KEY UPDATE").ToListAsync(token))
        {
            operation.ConfirmedAt = null;
            operation.Move(OperationState.Submitted, stamp.At);
            var burned = operation.Kind == OperationKind.Burn ? operation.Quantity : 0;
            await db.Database.ExecuteSqlAsync($"UPDATE tokens SET burned = burned - {burned} WHERE asset_id = {operation.AssetId}", token);
        }
        return true;
    }, cancellationToken);

    internal Task<bool> LiftHaltAsync(CancellationToken cancellationToken) => registry.RunAsync(Actor, async (stamp, token) =>
    {
        if (await db.Wallet.SingleOrDefaultAsync(token) is not { HaltCode: WalletSync.ChainAhead } state)
        {
            return false;
        }
        (state.HaltCode, state.HaltReason, state.UpdatedAt) = (null, null, stamp.At);
        return true;
    }, cancellationToken);

    internal Task ClearHoldAsync(string restoreId, CancellationToken cancellationToken) => registry.RunAsync(Actor, async (stamp, token) =>
    {
        await hold.ClearAsync(restoreId, stamp, token);
        return true;
    }, cancellationToken);

    /// <summary>Waits for the workers' steps to end and keeps new ones out; each worker takes one of these at a time, so nobody waits in a ring.</summary>
    private async Task TakeTurnsAsync(CancellationToken cancellationToken)
    {
        foreach (var turn in new[] { Turn.Build, Turn.Submit, Turn.Watch, Turn.Sync })
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({turn})", cancellationToken);
        }
    }

    /// <summary>What the registry meant to spend and this one has spent can never land.</summary>
    private async Task GiveWayAsync(Transaction transaction, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        string[] inputs = [.. transaction.Body.Inputs.Select(WalletUtxo.IdOf)];
        foreach (var rival in await db.ChainTransactions.Where(t => t.Stage != TransactionStage.Abandoned && t.Inputs.Any(i => inputs.Contains(i))).OrderBy(t => t.Sequence).ToListAsync(cancellationToken))
        {
            if (rival.Stage != TransactionStage.Abandoned)
            {
                await abandonment.GiveUpAsync(rival, GiveUpReason.Conflict, $"Transaction {transaction.Id}, found on the chain, spent one of its inputs.", stamp, cancellationToken);
                // Raw statements that follow must see it.
                await db.SaveAsync(stamp with { AuditId = Guid.CreateVersion7(stamp.At) }, cancellationToken);
                db.ChangeTracker.Clear();
            }
        }
    }

    private async Task BookAsync(Transaction transaction, IReadOnlyDictionary<Hash32, Transaction> strangers, CancellationToken cancellationToken)
    {
        var id = transaction.Id.ToString();
        string[] inputs = [.. transaction.Body.Inputs.Select(WalletUtxo.IdOf)];
        var known = await db.WalletUtxos.Where(u => inputs.Contains(u.Id)).ToDictionaryAsync(u => u.Id, cancellationToken);
        foreach (var input in transaction.Body.Inputs)
        {
            if (known.TryGetValue(WalletUtxo.IdOf(input), out var utxo))
            {
                (utxo.SpentBy, utxo.MissingAtHeight) = (id, null);
            }
            // A deposit that came and went after the backup: the anchor of a replacement, should a fork ever undo this.
            else if (strangers.TryGetValue(input.TransactionId, out var giver) && wallet.RoleOf(giver.Body.Outputs[input.Index]) is { } role)
            {
                var deposit = WalletUtxo.Of(new Utxo(input, giver.Body.Outputs[input.Index]), role, null);
                deposit.SpentBy = id;
                db.WalletUtxos.Add(deposit);
            }
        }
        string[] outputs = [.. transaction.Body.Outputs.Select((_, i) => $"{id}#{i}")];
        var booked = await db.WalletUtxos.Where(u => outputs.Contains(u.Id)).Select(u => u.Id).ToListAsync(cancellationToken);
        db.WalletUtxos.AddRange(WalletOutputs.Of(transaction.Id, transaction.Body.Outputs, wallet).Where(u => !booked.Contains(u.Id)));
    }

    /// <returns>False if there is no asset or token to place them on.</returns>
    private async Task<bool> PlaceAsync(Transaction transaction, Guid assetId, IReadOnlyList<TaggedOperation> tagged, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        // The desk inserts operations under this lock too.
        var token = await db.Tokens.FromSql($"SELECT * FROM tokens WHERE asset_id = {assetId} FOR NO KEY UPDATE").SingleOrDefaultAsync(cancellationToken)
            ?? await revival.ReviveAsync(transaction, assetId, tagged, stamp, cancellationToken);
        if (token is null)
        {
            return false;
        }
        var id = transaction.Id.ToString();
        token.FrozenAt ??= stamp.At;
        if (token.ReferenceUnit() is { } reference && transaction.Body.Mint.QuantityOf(reference) > 0)
        {
            token.ReferenceTransaction = id;
        }
        var ids = tagged.Select(t => t.OperationId).ToArray();
        var known = await db.Operations.FromSql($"SELECT * FROM operations WHERE id = ANY({ids}) FOR NO KEY UPDATE").ToDictionaryAsync(o => o.Id, cancellationToken);
        var (root, cid) = EvidenceIn(transaction, token);
        foreach (var carried in tagged)
        {
            db.TransactionOperations.Add(new TransactionOperation { TransactionId = id, OperationId = carried.OperationId });
            var counts = true;
            if (known.TryGetValue(carried.OperationId, out var operation))
            {
                counts = operation.State == OperationState.Failed; // failed ones were taken off the counters
                (operation.TransactionId, operation.Anchor, operation.FailureCode, operation.FailureReason) = (id, null, null, null);
            }
            else
            {
                var isMint = carried.Quantity > 0;
                operation = new Operation
                {
                    Id = carried.OperationId,
                    AssetId = assetId,
                    Kind = isMint ? OperationKind.Mint : OperationKind.Burn,
                    Quantity = Math.Abs(carried.Quantity),
                    Recipient = isMint && carried.RecipientIn(transaction) is var to && !to.Equals(wallet.TreasuryAddress) ? to.ToString() : null,
                    TransactionId = id,
                    EvidenceRoot = isMint ? root : null,
                    EvidenceCid = isMint ? cid : null,
                    RequestedBy = Actor,
                    CreatedAt = stamp.At,
                };
                db.Operations.Add(operation);
            }
            operation.SubmittedAt ??= stamp.At;
            operation.Move(OperationState.Submitted, stamp.At);
            if (counts && carried.Quantity > 0)
            {
                token.Minted += carried.Quantity;
            }
            else if (counts)
            {
                token.Burning -= carried.Quantity;
            }
        }
        token.UpdatedAt = stamp.At;
        token.Version++;
        return true;
    }

    /// <summary>As CIP-25's metadata names it, or the datum of CIP-68's reference token; of several mints in one transaction the chain tells one's only.</summary>
    private static (string? Root, string? Cid) EvidenceIn(Transaction transaction, Token token)
    {
        var map = transaction.AuxiliaryData is { } data ? Cip25.Find(data.Metadata, token.Unit()) : null;
        var holder = token.ReferenceUnit() is { } reference ? transaction.Body.Outputs.FirstOrDefault(o => o.Value.Tokens.QuantityOf(reference) == 1) : null;
        var datum = transaction.Body.Mint.QuantityOf(token.ReferenceUnit() ?? token.Unit()) > 0 && holder?.InlineDatum is { } bytes ? Cip68.Read(PlutusData.Decode(bytes.Span))?.Metadata : null;
        var text = datum is null ? OnChainWords.Text(map?["evidence"]) : OnChainWords.Text(OnChainWords.Find(datum, "evidence"));
        return (
            datum is null ? OnChainWords.Bytes(map?["evidenceRoot"]) : OnChainWords.Bytes(OnChainWords.Find(datum, "evidenceRoot")),
            text?.StartsWith("ipfs://", StringComparison.Ordinal) == true ? text["ipfs://".Length..] : null);
    }
}
