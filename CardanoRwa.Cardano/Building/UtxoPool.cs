namespace CardanoRwa.Cardano.Building;

/// <summary>
/// What a wallet can spend, carried forward over transactions that are not in a block yet: their inputs are gone and their
/// change is there, so the next one can chain on it. Not thread-safe.
/// </summary>
public sealed class UtxoPool
{
    private readonly Dictionary<TxIn, Utxo> utxos;

    public UtxoPool(IEnumerable<Utxo> confirmed) => utxos = confirmed.ToDictionary(static u => u.Input);

    public IReadOnlyList<Utxo> Available => [.. utxos.Values];

    public Value Balance => utxos.Values.Aggregate(Value.Zero, static (sum, utxo) => sum + utxo.Value);

    /// <summary>Takes the inputs away and adds the change, and those of the plan's outputs that <paramref name="owns"/> accepts.</summary>
    public void Apply(UnsignedTransaction transaction, Predicate<Address>? owns = null)
    {
        foreach (var input in transaction.Inputs) utxos.Remove(input.Input);
        for (var i = 0; i < transaction.Body.Outputs.Count; i++)
        {
            var output = transaction.Body.Outputs[i];
            if (i >= transaction.PlannedOutputs || owns?.Invoke(output.Address) == true) Add(new Utxo(new TxIn(transaction.Id, (ushort)i), output));
        }
    }

    public void Add(Utxo utxo) => utxos[utxo.Input] = utxo;

    public bool Remove(TxIn input) => utxos.Remove(input);
}
