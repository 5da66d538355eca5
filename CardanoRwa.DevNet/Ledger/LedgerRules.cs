namespace CardanoRwa.DevNet.Ledger;

/// <summary>
/// The Conway rules UTXOW and UTXO for transactions with native scripts. Pure: a candidate, what its inputs resolve to, and
/// the slot; the answer is every fault at once, in the order in which a node lists them (the last rule first).
/// </summary>
public sealed class LedgerRules(ProtocolParameters parameters, CardanoNetwork network)
{
    public ProtocolParameters Parameters { get; } = parameters;
    public CardanoNetwork Network { get; } = network;

    /// <param name="resolve">An unspent output; null if there is none.</param>
    public IReadOnlyList<LedgerFault> Check(Candidate candidate, Func<TxIn, TxOut?> resolve, ulong slot)
    {
        var spent = new SpentOutputs(candidate.Transaction.Body, resolve);
        var faults = new List<LedgerFault>();
        NotSimulated(candidate.Transaction, faults);
        WitnessRules.Check(candidate, spent, faults);
        UtxoRules.Check(candidate.Transaction, spent, Parameters, Network, slot, faults);
        faults.Reverse();
        return faults;
    }

    // Accepting what is not understood would be worse than refusing what a real node takes.
    private static void NotSimulated(Transaction transaction, List<LedgerFault> faults)
    {
        foreach (var key in transaction.Body.Other.Keys) faults.Add(LedgerFault.NotSimulated($"transaction body field {key}"));
        foreach (var key in transaction.Witnesses.Other.Keys) faults.Add(LedgerFault.NotSimulated($"Plutus witness field {key}"));
        if (transaction.Witnesses.Bootstraps.Count > 0) faults.Add(LedgerFault.NotSimulated("spending from Byron addresses"));
    }
}
