namespace CardanoRwa.DevNet.Chain;

/// <summary>The unspent outputs of the blocks so far.</summary>
internal sealed class UtxoSet
{
    private readonly Dictionary<TxIn, TxOut> outputs = [];

    internal int Count => outputs.Count;

    internal TxOut? Find(TxIn input) => outputs.GetValueOrDefault(input);

    internal BlockTx Apply(Transaction transaction)
    {
        var body = transaction.Body;
        var spent = new TxOut[body.Inputs.Count];
        for (var i = 0; i < spent.Length; i++) outputs.Remove(body.Inputs[i], out spent[i]!);
        for (var i = 0; i < body.Outputs.Count; i++) outputs.Add(new TxIn(transaction.Id, (ushort)i), body.Outputs[i]);
        return new BlockTx(transaction, spent);
    }

    internal void Undo(BlockTx transaction)
    {
        var body = transaction.Read().Body;
        for (var i = 0; i < body.Outputs.Count; i++) outputs.Remove(new TxIn(transaction.Id, (ushort)i));
        for (var i = 0; i < body.Inputs.Count; i++) outputs.Add(body.Inputs[i], transaction.Spent[i]);
    }
}
