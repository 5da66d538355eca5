using CardanoRwa.DevNet.Ledger;

namespace CardanoRwa.DevNet.Chain;

/// <summary>Transactions that wait for a block, in the order they came: each valid on the ledger with those before it applied.</summary>
internal sealed class Mempool
{
    private readonly LinkedList<Candidate> waiting = [];
    private readonly Dictionary<Hash32, LinkedListNode<Candidate>> byId = [];
    private readonly Dictionary<TxIn, Hash32> spent = [];
    private readonly Dictionary<TxIn, TxOut> created = [];

    // Never later than the first ttl among those waiting, so that most blocks need not look.
    private ulong firstExpiry = ulong.MaxValue;

    internal int Count => waiting.Count;
    internal int Bytes { get; private set; }
    internal IEnumerable<Candidate> InOrder => waiting;

    internal Candidate? Find(Hash32 id) => byId.GetValueOrDefault(id)?.Value;

    internal bool HasExpired(ulong slot) => slot >= firstExpiry;

    internal TxOut? Resolve(TxIn input, UtxoSet ledger) =>
        spent.ContainsKey(input) ? null : created.GetValueOrDefault(input) ?? ledger.Find(input);

    internal TxOut? Created(TxIn input) => created.GetValueOrDefault(input);

    internal bool Spends(TxIn input) => spent.ContainsKey(input);

    internal void Add(Candidate candidate)
    {
        var body = candidate.Transaction.Body;
        byId.Add(candidate.Id, waiting.AddLast(candidate));
        Bytes += candidate.Transaction.WireSize;
        foreach (var input in body.Inputs) spent[input] = candidate.Id;
        for (var i = 0; i < body.Outputs.Count; i++) created.Add(new TxIn(candidate.Id, (ushort)i), body.Outputs[i]);
        firstExpiry = Math.Min(firstExpiry, body.Validity.InvalidHereafter ?? ulong.MaxValue);
    }

    /// <summary>The longest run from the front that fits in a block.</summary>
    internal List<Candidate> Take(int maxBytes)
    {
        var taken = new List<Candidate>();
        var size = new BlockSize();
        while (waiting.First is { } first)
        {
            size = size.With(first.Value.Transaction);
            if (size.Bytes > maxBytes) break;
            taken.Add(first.Value);
            Remove(first);
        }

        if (waiting.Count == 0) firstExpiry = ulong.MaxValue;
        return taken;
    }

    internal List<Candidate> TakeAll()
    {
        var all = waiting.ToList();
        waiting.Clear();
        byId.Clear();
        spent.Clear();
        created.Clear();
        Bytes = 0;
        firstExpiry = ulong.MaxValue;
        return all;
    }

    private void Remove(LinkedListNode<Candidate> node)
    {
        var (id, body) = (node.Value.Id, node.Value.Transaction.Body);
        waiting.Remove(node);
        byId.Remove(id);
        Bytes -= node.Value.Transaction.WireSize;
        foreach (var input in body.Inputs) spent.Remove(input);
        for (var i = 0; i < body.Outputs.Count; i++) created.Remove(new TxIn(id, (ushort)i));
    }
}
