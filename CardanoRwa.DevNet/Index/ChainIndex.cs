using CardanoRwa.DevNet.Chain;

namespace CardanoRwa.DevNet.Index;

/// <summary>
/// What Blockfrost's database is to a node: the chain in the shape in which it is asked for. It follows the chain's changes
/// and can lag behind them, as the real one does.
/// </summary>
public sealed class ChainIndex
{
    private readonly Queue<(DateTimeOffset At, ChainChange Change)> pending = new();
    private readonly Dictionary<Hash32, AppliedBlock> byHash = [];
    private readonly Dictionary<long, AppliedBlock> byHeight = [];
    private readonly Dictionary<Hash32, TxPlace> transactions = [];
    private readonly Dictionary<TxIn, IndexedOutput> unspent = [];
    private readonly Dictionary<TxIn, Hash32> spentBy = [];
    private readonly Dictionary<Address, AddressEntry> addresses = [];
    private readonly OrderedDictionary<Hash28, KnownScript> scripts = [];
    private long order;

    public AssetIndex Assets { get; } = new();
    public Block Tip { get; private set; } = null!;
    public int Lagging => pending.Count;
    public IReadOnlyList<KnownScript> Scripts => scripts.Values;

    public Block? Find(Hash32 hash) => byHash.GetValueOrDefault(hash)?.Block;
    public Block? Find(long height) => byHeight.GetValueOrDefault(height)?.Block;
    public TxPlace? FindTransaction(Hash32 id) => transactions.GetValueOrDefault(id);
    public AddressEntry? Find(Address address) => addresses.GetValueOrDefault(address);
    public KnownScript? FindScript(Hash28 hash) => scripts.GetValueOrDefault(hash);
    public Hash32? SpenderOf(TxIn input) => spentBy.TryGetValue(input, out var spender) ? spender : null;

    internal void Enqueue(DateTimeOffset at, List<ChainChange> changes)
    {
        foreach (var change in changes) pending.Enqueue((at, change));
    }

    /// <summary>Takes in what happened up to <paramref name="until"/>.</summary>
    internal void CatchUp(DateTimeOffset until)
    {
        while (pending.TryPeek(out var next) && next.At <= until)
        {
            pending.Dequeue();
            switch (next.Change.Kind)
            {
                case ChainChangeKind.Added: Apply(next.Change.Block); break;
                case ChainChangeKind.RolledBack: Undo(next.Change.Block); break;
                case ChainChangeKind.Forgotten: Forget(next.Change.Block); break;
            }
        }
    }

    private void Apply(Block block)
    {
        var applied = new AppliedBlock(block);
        byHash.Add(block.Hash, applied);
        byHeight.Add(block.Height, applied);
        Tip = block;
        foreach (var (i, item) in block.Transactions.Index())
        {
            var transaction = item.Read();
            transactions.Add(item.Id, new TxPlace(block, i));
            Assets.Apply(transaction);
            foreach (var input in transaction.Body.Inputs)
            {
                unspent.Remove(input, out var spent);
                applied.Spent.Add(spent!);
                spentBy.Add(input, item.Id);
                addresses[spent!.Output.Address].Remove(spent);
                Assets.Move(spent.Output, -1);
            }

            for (var o = 0; o < transaction.Body.Outputs.Count; o++)
            {
                var made = new IndexedOutput(new TxIn(item.Id, (ushort)o), transaction.Body.Outputs[o], block.Hash, i, order++);
                unspent.Add(made.Input, made);
                if (!addresses.TryGetValue(made.Output.Address, out var entry)) addresses.Add(made.Output.Address, entry = new AddressEntry());
                entry.Add(made);
                entry.Made++;
                Assets.Move(made.Output, 1);
            }

            foreach (var script in KnownScript.In(transaction)) scripts.TryAdd(script.Hash, script);
            item.Compact();
        }
    }

    private void Undo(Block block)
    {
        byHash.Remove(block.Hash, out var applied);
        byHeight.Remove(block.Height);
        Tip = byHash[block.Previous!.Value].Block;
        var spentAt = applied!.Spent.Count;
        foreach (var item in block.Transactions.Reverse())
        {
            var transaction = item.Read();
            transactions.Remove(item.Id);
            for (var o = transaction.Body.Outputs.Count - 1; o >= 0; o--)
            {
                unspent.Remove(new TxIn(item.Id, (ushort)o), out var made);
                var entry = addresses[made!.Output.Address];
                entry.Remove(made);
                if (--entry.Made == 0) addresses.Remove(made.Output.Address);
                Assets.Move(made.Output, -1);
            }

            for (var i = transaction.Body.Inputs.Count - 1; i >= 0; i--)
            {
                var spent = applied.Spent[--spentAt];
                unspent.Add(spent.Input, spent);
                spentBy.Remove(spent.Input);
                addresses[spent.Output.Address].Add(spent);
                Assets.Move(spent.Output, 1);
            }

            Assets.Undo(transaction);
            foreach (var script in KnownScript.In(transaction))
            {
                if (scripts.GetValueOrDefault(script.Hash)?.FirstSeen == transaction.Id) scripts.Remove(script.Hash);
            }
        }
    }

    private void Forget(Block block)
    {
        byHash.Remove(block.Hash);
        byHeight.Remove(block.Height);
        foreach (var item in block.Transactions)
        {
            var transaction = item.Read();
            transactions.Remove(item.Id);
            foreach (var input in transaction.Body.Inputs) spentBy.Remove(input);
            Assets.Forget(transaction);
        }
    }

    /// <param name="Block">Also what was unspent before it, for an undo.</param>
    private sealed record AppliedBlock(Block Block)
    {
        public List<IndexedOutput> Spent { get; } = [];
    }
}

/// <param name="Index">Place of the transaction in its block.</param>
public sealed record TxPlace(Block Block, int Index)
{
    public BlockTx Item => Block.Transactions[Index];
}
