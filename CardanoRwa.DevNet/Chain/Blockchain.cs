using CardanoRwa.DevNet.Ledger;

namespace CardanoRwa.DevNet.Chain;

/// <summary>
/// Ledger, mempool and blocks. Pure and single-threaded: it does no I/O and has no clock, so the same calls give the same
/// chain. Each call that changes it tells what changed.
/// </summary>
internal sealed class Blockchain
{
    private readonly LedgerRules rules;
    private readonly long historyBytes;
    private readonly int mempoolBytes;
    private readonly UtxoSet ledger = new();
    private readonly LinkedList<Block> blocks = [];
    private readonly HashSet<Hash32> included = [];
    private readonly Mempool mempool = new();
    private long keptBytes;
    private uint fork;

    internal Blockchain(LedgerRules rules, DevNetOptions options, int seed)
    {
        this.rules = rules;
        historyBytes = (long)options.HistoryMegabytes << 20;
        mempoolBytes = options.MempoolBytes;
        Append([Genesis.Create(seed)], 0);
    }

    internal Block Tip => blocks.Last!.Value;
    internal Mempool Mempool => mempool;
    internal LedgerRules Rules => rules;
    internal int UtxoCount => ledger.Count;
    internal IEnumerable<Block> Blocks => blocks;

    internal IEnumerable<Block> Newest(int count)
    {
        for (var node = blocks.Last; node is not null && count-- > 0; node = node.Previous) yield return node.Value;
    }

    /// <summary>How many blocks can be rolled back: those still kept, but for the last of them.</summary>
    internal int RollbackLimit => blocks.Count - 1;

    internal TxOut? Resolve(TxIn input) => mempool.Resolve(input, ledger);

    /// <summary>An output that is there for the mempool as a whole, even where one of those waiting spends it.</summary>
    internal TxOut? Spendable(TxIn input) => mempool.Created(input) ?? ledger.Find(input);

    internal SubmitOutcome Submit(Candidate candidate, ulong slot)
    {
        if (mempool.Bytes + candidate.Transaction.WireSize > mempoolBytes) return new SubmitOutcome.MempoolFull();
        var faults = AllSpent(candidate.Transaction.Body) ? [LedgerFault.AllInputsSpent] : rules.Check(candidate, Resolve, slot);
        if (faults.Count > 0) return new SubmitOutcome.Refused(faults);
        mempool.Add(candidate);
        return new SubmitOutcome.Accepted(candidate.Id);
    }

    /// <summary>Takes in what was accepted before, from the log: the same records always give the same chain, whatever the limits are now.</summary>
    internal void Restore(Transaction transaction) => mempool.Add(Candidate.Trust(transaction));

    internal List<ChainChange> Forge(ulong slot)
    {
        if (mempool.HasExpired(slot)) Revalidate([], slot);
        var taken = mempool.Take(rules.Parameters.MaxBlockBodySize);
        return Append(taken.ConvertAll(static c => c.Transaction), slot);
    }

    internal List<ChainChange> Rollback(int depth, RollbackFate fate, ulong slot)
    {
        var changes = new List<ChainChange>();
        var undone = new List<BlockTx>();
        for (var i = Math.Min(depth, RollbackLimit); i > 0; i--)
        {
            var block = Tip;
            foreach (var transaction in block.Transactions.Reverse())
            {
                ledger.Undo(transaction);
                included.Remove(transaction.Id);
            }

            undone.InsertRange(0, block.Transactions);
            keptBytes -= block.HistorySize;
            blocks.RemoveLast();
            changes.Add(new(ChainChangeKind.RolledBack, block));
        }

        fork++;
        if (fate == RollbackFate.Invalid) changes.AddRange(Append(Rivals(undone), slot));
        Revalidate(fate == RollbackFate.Mempool ? undone : [], slot);
        return changes;
    }

    // A node cannot tell an input that was spent from one that never was; answering BadInputsUTxO to the second helps more.
    private bool AllSpent(TxBody body) => body.Inputs.Count > 0 && body.Inputs.All(i => Resolve(i) is null && (mempool.Spends(i) || included.Contains(i.TransactionId)));

    private List<Transaction> Rivals(List<BlockTx> undone)
    {
        var taken = new HashSet<TxIn>();
        var rivals = new List<Transaction>();
        var size = new BlockSize();
        foreach (var transaction in undone)
        {
            // Those that spend outputs of other undone transactions fall with them.
            var inputs = transaction.Read().Body.Inputs;
            if (inputs.Any(i => taken.Contains(i) || ledger.Find(i) is null)) continue;
            var rival = Rival.Of(inputs[0], ledger.Find(inputs[0])!, rules.Parameters);
            size = size.With(rival);
            if (size.Bytes > rules.Parameters.MaxBlockBodySize) break;
            taken.Add(inputs[0]);
            rivals.Add(rival);
        }

        return rivals;
    }

    private List<ChainChange> Append(List<Transaction> transactions, ulong slot)
    {
        var block = Block.Make(blocks.Last?.Value, slot, fork, transactions.ConvertAll(ledger.Apply));
        blocks.AddLast(block);
        keptBytes += block.HistorySize;
        foreach (var transaction in transactions) included.Add(transaction.Id);
        var changes = new List<ChainChange> { new(ChainChangeKind.Added, block) };
        while (keptBytes > historyBytes && blocks.Count > 1)
        {
            var oldest = blocks.First!.Value;
            blocks.RemoveFirst();
            keptBytes -= oldest.HistorySize;
            foreach (var transaction in oldest.Transactions) included.Remove(transaction.Id);
            changes.Add(new(ChainChangeKind.Forgotten, oldest));
        }

        return changes;
    }

    private void Revalidate(IEnumerable<BlockTx> first, ulong slot)
    {
        var waiting = mempool.TakeAll();
        foreach (var candidate in first.Select(static t => Candidate.Trust(t.Read())).Concat(waiting))
        {
            if (rules.Check(candidate, Resolve, slot).Count == 0) mempool.Add(candidate);
        }
    }
}
