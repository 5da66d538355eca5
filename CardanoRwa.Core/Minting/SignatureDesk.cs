using CardanoRwa.Cardano.Cbor;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting;

/// <summary>Hands out transactions that lack signatures of keys kept elsewhere, and takes the signatures in.</summary>
public sealed class SignatureDesk(RwaDbContext db, TimeProvider clock)
{
    public async Task<Result<UnsignedView>> ShowAsync(Guid operationId, CancellationToken cancellationToken)
    {
        if (await db.Operations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == operationId, cancellationToken) is not { } operation)
        {
            return MintDesk.NotFound(operationId);
        }
        if (operation.TransactionId is null)
        {
            return new Refusal(RefusalKind.Conflict, "no_transaction_yet", $"The operation is {operation.State.Wire()}; no transaction is made for it yet.", "Ask again once the operation is awaiting_signatures.");
        }
        var stored = await db.ChainTransactions.AsNoTracking().SingleAsync(t => t.Id == operation.TransactionId, cancellationToken);
        return View(operationId, stored, await WantedAsync(stored, cancellationToken));
    }

    public async Task<Result<UnsignedView>> AddAsync(Guid operationId, AddWitnesses input, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (Parse(input.WitnessSet).IsRefused(out var refusal, out var witnesses))
        {
            return refusal;
        }
        var operation = await db.Operations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == operationId, cancellationToken);
        if (operation is null)
        {
            return MintDesk.NotFound(operationId);
        }
        if (operation.State != OperationState.AwaitingSignatures)
        {
            return new Refusal(RefusalKind.Conflict, "not_awaiting_signatures", $"The operation is {operation.State.Wire()}.", "Only an operation that is awaiting_signatures takes witnesses.");
        }
        var stored = await db.ChainTransactions.FromSql($"SELECT * FROM chain_transactions WHERE id = {operation.TransactionId} FOR NO KEY UPDATE").SingleAsync(cancellationToken);
        var wanted = await WantedAsync(stored, cancellationToken);
        var transaction = Transaction.Decode(stored.Bytes);
        foreach (var witness in witnesses.VKeys)
        {
            if (!witness.Verify(transaction.Id))
            {
                return new Refusal(RefusalKind.Unprocessable, "witness_wrong", $"The signature of key {witness.Key.Hash} is not over this transaction.", $"Sign transaction {transaction.Id}, as GET .../transaction gives it now.");
            }
            if (!wanted.Keys.Contains(witness.Key.Hash))
            {
                return new Refusal(RefusalKind.Unprocessable, "witness_not_wanted", $"Key {witness.Key.Hash} is not named by the policy.", "Send signatures of the keys listed under missingSigners only: any other would make the fee too small.");
            }
        }

        transaction = transaction.AddWitnesses(new WitnessSet { VKeys = [.. witnesses.VKeys.Where(w => !transaction.Witnesses.VKeys.Any(known => known.Key == w.Key))] });
        stored.Bytes = transaction.Bytes.ToArray();
        var view = View(operationId, stored, wanted);
        if (view.Complete && stored.Stage == TransactionStage.AwaitingSignatures)
        {
            (stored.Stage, stored.NextCheckAt) = (TransactionStage.Signed, clock.GetUtcNow());
            foreach (var carried in await db.Operations.Where(o => o.TransactionId == stored.Id).ToListAsync(cancellationToken))
            {
                carried.Move(OperationState.Signed, stamp.At);
            }
        }
        return view;
    }

    private async Task<Wanted> WantedAsync(ChainTransaction stored, CancellationToken cancellationToken)
    {
        var spent = await db.WalletUtxos.AsNoTracking().Where(u => u.SpentBy == stored.Id).ToListAsync(cancellationToken);
        var transaction = Transaction.Decode(stored.Bytes);
        return new Wanted(spent.Select(u => u.ToUtxo().Output.Address.Payment!.Value.Hash).ToHashSet(), transaction.Witnesses.NativeScripts, transaction.Body.Validity);
    }

    private static UnsignedView View(Guid operationId, ChainTransaction stored, Wanted wanted)
    {
        var transaction = Transaction.Decode(stored.Bytes);
        var signed = transaction.Witnesses.VKeys.Select(w => w.Key.Hash).ToHashSet();
        var complete = wanted.IsCompleteWith(signed);
        return new UnsignedView(
            operationId, stored.Id, Convert.ToHexStringLower(stored.Bytes), [.. signed.Select(k => k.ToString())],
            complete ? [] : [.. wanted.Keys.Except(signed).Select(k => k.ToString())], complete, stored.Ttl);
    }

    private static Result<WitnessSet> Parse(string? hex)
    {
        try
        {
            var set = WitnessSet.Decode(Convert.FromHexString(hex ?? ""));
            return set is { VKeys.Count: > 0, NativeScripts.Count: 0, Bootstraps.Count: 0, Other.Count: 0 }
                ? set
                : new Refusal(RefusalKind.Unprocessable, "witness_set_not_plain", "The witness set holds no key signature, or more than key signatures.", "Send key witnesses only (map key 0).");
        }
        catch (Exception e) when (e is FormatException or CborFormatException)
        {
            return new Refusal(RefusalKind.Invalid, "witness_set_malformed", $"The witness set cannot be read: {e.Message}", "Send the witness set in hex CBOR, as a wallet's signTx returns it.");
        }
    }

    /// <param name="Owners">Keys of the spent outputs; the worker signs with these itself.</param>
    private sealed record Wanted(IReadOnlySet<Hash28> Owners, IReadOnlyList<NativeScript> Scripts, ValidityInterval Validity)
    {
        public HashSet<Hash28> Keys { get; } = Scripts.SelectMany(s => s.KeyHashes).ToHashSet();

        public bool IsCompleteWith(IReadOnlySet<Hash28> signed) => Owners.IsSubsetOf(signed) && Scripts.All(s => s.Evaluate(Validity, signed));
    }
}
