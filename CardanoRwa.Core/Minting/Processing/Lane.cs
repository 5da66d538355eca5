using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>The wallet within one turn: what is made spends and feeds it at once.</summary>
internal sealed partial class Lane(RwaDbContext db, SigningWallet wallet, ChainView chain, MintingOptions options, ILogger logger, ChangeStamp stamp, List<WalletUtxo> rows, string? head, long sequence)
{
    private const int FirstProbe = 16;

    // A burn that spends more outputs than this has them merged first; four hundred would be a whole transaction, and no burn fits beside them.
    private const int MostGathered = 60;
    private readonly Dictionary<string, WalletUtxo> _rows = rows.ToDictionary(r => r.Id);
    private readonly UtxoPool _pool = new(rows.Select(r => r.ToUtxo()));
    private readonly TransactionBuilder _builder = new(chain.Parameters!);
    private readonly BatchComposer _composer = new(wallet, chain.Parameters!);
    private string? _head = head;
    private long _sequence = sequence;

    public int Made { get; private set; }
    public List<Operation> Failed { get; } = [];

    public void Make(IReadOnlyList<PlannedOperation> planned, bool isFullTurn)
    {
        foreach (var burns in planned.Where(p => p.Operation.Kind == OperationKind.Burn).GroupBy(p => p.Unit))
        {
            Gather(burns.Key, burns.Aggregate((Int128)0, (sum, p) => sum + p.Operation.Quantity));
        }
        foreach (var group in planned.GroupBy(p => (p.Operation.Alone ? p.Operation.Id : Guid.Empty, Ttl: TtlOf(p))))
        {
            if (!MakeGroup([.. group], group.Key.Ttl, isFullTurn && group.Key.Item1 == Guid.Empty))
            {
                return;
            }
        }
    }

    /// <returns>False when the wallet ran dry.</returns>
    private bool MakeGroup(IReadOnlyList<PlannedOperation> group, ulong ttl, bool keepRest)
    {
        var probe = FirstProbe;
        for (var start = 0; start < group.Count;)
        {
            var forced = Anchors(group.Skip(start).ToList());
            var (batch, failure) = TryNext(group, start, probe, forced, ttl);
            if (batch is null)
            {
                if (failure!.Reason is BuildFailure.InsufficientCoin or BuildFailure.ChangeBelowMinimum)
                {
                    LogShort(logger, group.Count - start, failure.Message, wallet.FeeAddress.ToString());
                    return false;
                }
                Reject(group[start], failure);
                start++;
                continue;
            }
            if (keepRest && start > 0 && start + batch.Orders.Count == group.Count)
            {
                return true; // more is waiting: the rest fills the next transaction better
            }
            Keep(batch.Transaction, batch.Orders, inLane: true);
            (start, probe) = (start + batch.Orders.Count, batch.Orders.Count);
        }
        return true;
    }

    /// <summary>An operation that makes the code fail is a bug, and still must not hold the others up: tried alone it fails alone.</summary>
    private (Batch<PlannedOperation>? Batch, BuildOutcome.Failed? Failure) TryNext(IReadOnlyList<PlannedOperation> group, int start, int probe, IReadOnlyList<Utxo> forced, ulong ttl)
    {
        try
        {
            return Next(group, probe);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or OverflowException)
        {
            LogBug(logger, e, group[start].Operation.Id);
        }
        try
        {
            return Next([.. group.Take(start + 1)], 1);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or OverflowException)
        {
            return (null, new BuildOutcome.Failed(BuildFailure.InvalidMetadata, e.Message));
        }

        (Batch<PlannedOperation>?, BuildOutcome.Failed?) Next(IReadOnlyList<PlannedOperation> orders, int first) =>
            BatchBuilder.Next(_builder, orders, start, first, run => _composer.Compose(run, _pool.Available, Forced(forced), ttl), Fees());
    }

    public void MakeAside(IReadOnlyList<PlannedOperation> operations, IReadOnlyList<Utxo> inputs)
    {
        var ttl = Math.Min(chain.Tip!.Slot + (ulong)options.SignatureSlots, operations[0].Policy.RequiredInterval.InvalidHereafter ?? ulong.MaxValue);
        var (batch, failure) = BatchBuilder.Next(_builder, operations, 0, FirstProbe, run => _composer.Compose(run, _pool.Available, inputs, ttl), inputs);
        if (batch is not null)
        {
            Keep(batch.Transaction, batch.Orders, inLane: false);
        }
        else if (failure!.Reason is not (BuildFailure.InsufficientCoin or BuildFailure.ChangeBelowMinimum))
        {
            Reject(operations[0], failure);
        }
    }

    /// <summary>A lane transaction that only makes two outputs of one.</summary>
    public void Split()
    {
        var plan = new TransactionPlan
        {
            ChangeAddress = wallet.FeeAddress,
            Network = wallet.Network,
            Inputs = Forced([]),
            Validity = new ValidityInterval(null, DefaultTtl),
            ChangeParts = 2,
        };
        if (_builder.Build(plan, Fees()) is BuildOutcome.Built built)
        {
            Keep(built.Transaction, [], inLane: true);
        }
    }

    /// <summary>Every mint to the treasury is an output of its own; where a burn needs too many of them, lane transactions make few of many.</summary>
    private void Gather(AssetId unit, Int128 quantity)
    {
        while (_composer.Cover(unit, quantity, _pool.Available) is { Count: > MostGathered } scattered && Merge(scattered))
        {
        }
    }

    private bool Merge(List<Utxo> scattered)
    {
        for (var count = MostGathered; count > 1; count /= 2)
        {
            if (_builder.Build(_composer.Merge([.. scattered.Take(count)], Forced([]), DefaultTtl), Fees()) is BuildOutcome.Built built)
            {
                Keep(built.Transaction, [], inLane: true);
                return true;
            }
        }
        return false;
    }

    /// <summary>A lane transaction that carries a snapshot's root and nothing else. Without coin for it, it waits.</summary>
    public void Anchor(ChainAnchor anchor)
    {
        IReadOnlyList<Utxo> after = anchor.After is { } input && _rows.GetValueOrDefault(input) is { SpentBy: null } row ? [row.ToUtxo()] : [];
        var plan = new TransactionPlan
        {
            ChangeAddress = wallet.FeeAddress,
            Network = wallet.Network,
            Inputs = Forced(after),
            Metadata = new Dictionary<ulong, Metadatum> { [AnchorTag.Label] = AnchorTag.Write(anchor) },
            Validity = new ValidityInterval(null, DefaultTtl),
        };
        if (_builder.Build(plan, Fees()) is BuildOutcome.Built built)
        {
            Keep(built.Transaction, [], inLane: true);
            (anchor.TransactionId, anchor.After) = (built.Transaction.Id.ToString(), null);
        }
    }

    /// <summary>Inputs of given-up transactions that these operations' next one must spend. One that is gone was spent by the lane itself, whose newest transaction descends from that, or by a stranger.</summary>
    public IReadOnlyList<Utxo> Anchors(IReadOnlyList<PlannedOperation> operations) =>
        [.. operations.Select(p => p.Operation.Anchor).OfType<string>().Distinct().Select(a => _rows.GetValueOrDefault(a)).Where(r => r is { SpentBy: null }).Select(r => r!.ToUtxo())];

    /// <summary>Outputs for fees that neither the lane stands on nor an open transaction makes.</summary>
    public IEnumerable<Utxo> Spare(HashSet<string> unconfirmed) => _rows.Values
        .Where(r => r is { Role: WalletRole.Fees, SpentBy: null } && r.Id != HeadRow()?.Id && (r.CreatedBy is null || !unconfirmed.Contains(r.CreatedBy)))
        .Select(r => r.ToUtxo()).OrderBy(u => u.Value.Coin);

    private ulong DefaultTtl => chain.Tip!.Slot + (ulong)options.TtlSlots;

    private ulong TtlOf(PlannedOperation planned) => Math.Min(DefaultTtl, planned.Policy.RequiredInterval.InvalidHereafter ?? ulong.MaxValue);

    private List<Utxo> Forced(IReadOnlyList<Utxo> anchors) =>
        HeadRow() is { } row && !anchors.Any(a => WalletUtxo.IdOf(a.Input) == row.Id) ? [row.ToUtxo(), .. anchors] : [.. anchors];

    private WalletUtxo? HeadRow() => _rows.Values.Where(r => r is { Role: WalletRole.Fees, SpentBy: null } && r.CreatedBy == _head && _head is not null).MinBy(r => r.Id, StringComparer.Ordinal);

    private IReadOnlyList<Utxo> Fees() => [.. _pool.Available.Where(u => wallet.RoleOf(u.Output) == WalletRole.Fees)];

    private void Reject(PlannedOperation planned, BuildOutcome.Failed failure)
    {
        LogRejected(logger, planned.Operation.Id, failure.Message);
        planned.Operation.Fail("unbuildable", $"{failure.Reason}: {failure.Message}", stamp.At);
        Failed.Add(planned.Operation);
    }

    private void Keep(UnsignedTransaction unsigned, IReadOnlyList<PlannedOperation> operations, bool inLane)
    {
        CrashPoint.Reach(CrashPoint.AfterBuild);
        var signed = unsigned.Sign(wallet.Find(unsigned.Signers));
        CrashPoint.Reach(CrashPoint.AfterSign);
        var complete = unsigned.IsComplete(signed.Witnesses);
        var id = unsigned.Id.ToString();
        var stored = new ChainTransaction
        {
            Id = id,
            Sequence = ++_sequence,
            InLane = inLane,
            Stage = complete ? TransactionStage.Signed : TransactionStage.AwaitingSignatures,
            Bytes = signed.Bytes.ToArray(),
            Inputs = [.. unsigned.Inputs.Select(i => WalletUtxo.IdOf(i.Input))],
            Ttl = (long)unsigned.Body.Validity.InvalidHereafter!.Value,
            Fee = (long)unsigned.Fee,
            Operations = operations.Count,
            CreatedAt = stamp.At,
            NextCheckAt = stamp.At,
        };
        db.ChainTransactions.Add(stored);
        foreach (var planned in operations)
        {
            db.TransactionOperations.Add(new TransactionOperation { TransactionId = id, OperationId = planned.Operation.Id });
            (planned.Operation.TransactionId, planned.Operation.Anchor) = (id, null);
            planned.Operation.Move(complete ? OperationState.Signed : OperationState.AwaitingSignatures, stamp.At);
            if (BatchComposer.NeedsReference(planned))
            {
                planned.Token.ReferenceTransaction = id;
            }
        }
        foreach (var input in unsigned.Inputs)
        {
            _rows[WalletUtxo.IdOf(input.Input)].SpentBy = id;
        }
        foreach (var made in WalletOutputs.Of(unsigned.Id, unsigned.Body.Outputs, wallet))
        {
            db.WalletUtxos.Add(made);
            if (inLane)
            {
                _rows.Add(made.Id, made);
            }
        }
        if (inLane)
        {
            _pool.Apply(unsigned, wallet.Owns);
            _head = id;
        }
        else
        {
            // Who knows when it lands: nothing may stand on it before.
            foreach (var input in unsigned.Inputs)
            {
                _pool.Remove(input.Input);
            }
        }
        Made += operations.Count;
        LogMade(logger, id, operations.Count, stored.Bytes.Length);
    }

    [LoggerMessage(3000, LogLevel.Information, "Made transaction {Transaction} of {Operations} operations, {Bytes} bytes.")]
    private static partial void LogMade(ILogger logger, string transaction, int operations, int bytes);

    [LoggerMessage(3003, LogLevel.Error, "A batch that begins with operation {Operation} cannot be composed; its operations are tried one by one.")]
    private static partial void LogBug(ILogger logger, Exception exception, Guid operation);

    [LoggerMessage(3001, LogLevel.Error, "The wallet cannot pay for {Operations} operations: {Reason} Send lovelace to {Address}.")]
    private static partial void LogShort(ILogger logger, int operations, string reason, string address);

    [LoggerMessage(3002, LogLevel.Warning, "Operation {Operation} can be in no transaction: {Reason}")]
    private static partial void LogRejected(ILogger logger, Guid operation, string reason);
}
