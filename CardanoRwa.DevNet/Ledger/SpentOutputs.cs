namespace CardanoRwa.DevNet.Ledger;

/// <summary>What the inputs of a transaction resolve to.</summary>
internal sealed class SpentOutputs
{
    private readonly List<TxOut> spent = [];
    private readonly List<ReferencedScript> scripts = [];

    internal SpentOutputs(TxBody body, Func<TxIn, TxOut?> resolve)
    {
        foreach (var input in body.Inputs)
        {
            if (Resolve(input, resolve) is { } output) spent.Add(output);
        }

        foreach (var input in body.ReferenceInputs) Resolve(input, resolve);
        foreach (var input in body.Collateral)
        {
            if (resolve(input) is null) Missing.Add(input);
        }
    }

    /// <summary>The outputs that will be gone, as far as they are there.</summary>
    internal IReadOnlyList<TxOut> Spent => spent;

    /// <summary>Inputs of any kind that are not there.</summary>
    internal List<TxIn> Missing { get; } = [];

    /// <summary>Scripts that need no copy among the witnesses: of spent outputs and of reference inputs.</summary>
    internal IReadOnlyList<ReferencedScript> Scripts => scripts;

    private TxOut? Resolve(TxIn input, Func<TxIn, TxOut?> resolve)
    {
        var output = resolve(input);
        if (output is null) Missing.Add(input);
        else if (ReferencedScript.Of(output) is { } script) scripts.Add(script);
        return output;
    }
}
