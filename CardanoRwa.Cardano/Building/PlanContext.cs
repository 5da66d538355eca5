namespace CardanoRwa.Cardano.Building;

/// <summary>What follows from a plan before any input is chosen, and the checks that need no input.</summary>
internal sealed class PlanContext
{
    private readonly Dictionary<Hash28, NativeScript> scripts = [];
    private readonly HashSet<Hash28> referenced = [];

    private PlanContext(TransactionPlan plan) => Plan = plan;

    internal TransactionPlan Plan { get; }
    internal TokenBundle Mint { get; private set; } = TokenBundle.Empty;
    internal Value Paid { get; private set; } = Value.Zero;
    internal ValidityInterval Validity { get; private set; }
    internal AuxiliaryData? Auxiliary { get; private set; }
    internal Hash32? AuxiliaryHash { get; private set; }

    internal static PlanContext? Check(TransactionPlan plan, ProtocolParameters parameters, TxEncoding encoding, out BuildOutcome.Failed? failure)
    {
        var context = new PlanContext(plan);
        failure = context.CheckScripts() ?? context.CheckMint() ?? context.CheckOutputs(parameters) ?? context.CheckMetadata(encoding);
        return failure is null ? context : null;
    }

    internal NativeScript? Script(Hash28 hash) => scripts.GetValueOrDefault(hash);

    internal bool IsReferenced(Hash28 hash) => referenced.Contains(hash);

    internal static BuildOutcome.Failed Fail(BuildFailure reason, string message) => new(reason, message);

    private BuildOutcome.Failed? CheckScripts()
    {
        Validity = Plan.Validity;
        foreach (var mint in Plan.Mints) scripts.TryAdd(mint.Policy.Hash, mint.Policy);
        foreach (var script in Plan.SpendingScripts) scripts.TryAdd(script.Hash, script);
        foreach (var script in scripts.Values) Validity = Validity.Intersect(script.RequiredInterval);
        foreach (var utxo in Plan.ReferenceInputs.Concat(Plan.Inputs))
        {
            if (ReferenceScript.Read(utxo.Output) is not { } script) continue;
            scripts.TryAdd(script.Hash, script);
            referenced.Add(script.Hash);
        }

        return Validity.IsEmpty ? Fail(BuildFailure.EmptyValidity, $"No slot satisfies the validity and the time locks: from {Validity.InvalidBefore}, before {Validity.InvalidHereafter}.") : null;
    }

    private BuildOutcome.Failed? CheckMint()
    {
        if (Plan.Mints.Count == 0) return null;
        Mint = Plan.Mints.Count == 1 ? TokenBundle.Of(Plan.Mints[0].Asset, Plan.Mints[0].Quantity) : TokenBundle.From(Plan.Mints.Select(static m => new AssetQuantity(m.Asset, m.Quantity)));
        foreach (var (asset, quantity) in Mint.Entries)
        {
            if (quantity > long.MaxValue || quantity < long.MinValue) return Fail(BuildFailure.InvalidMint, $"{quantity} of {asset} does not fit in one mint (int64).");
        }

        foreach (var mint in Plan.Mints)
        {
            if (Mint.QuantityOf(mint.Asset) == 0) return Fail(BuildFailure.InvalidMint, $"Minting and burning of {mint.Asset} add up to nothing.");
        }

        return null;
    }

    private BuildOutcome.Failed? CheckOutputs(ProtocolParameters parameters)
    {
        var network = Plan.Network ?? Plan.ChangeAddress.Network;
        if (Plan.ChangeAddress.Kind == AddressKind.Stake) return Fail(BuildFailure.WrongNetwork, "A stake address cannot receive change.");
        if (Plan.ChangeAddress.Network != network) return Fail(BuildFailure.WrongNetwork, $"Change address {Plan.ChangeAddress} is not of {network}.");
        for (var i = 0; i < Plan.Outputs.Count; i++)
        {
            var output = Plan.Outputs[i];
            if (output.Address.Kind == AddressKind.Stake) return Fail(BuildFailure.WrongNetwork, $"Output {i}: a stake address cannot be paid.");
            if (output.Address.Network != network) return Fail(BuildFailure.WrongNetwork, $"Output {i}: {output.Address} is not of {network}.");
            if (!output.Value.IsNonNegative) return Fail(BuildFailure.OutputBelowMinimum, $"Output {i} holds a negative amount.");
            if (output.Value.Coin > ulong.MaxValue || HoldsTooMuch(output.Value.Tokens)) return Fail(BuildFailure.ValueTooLarge, $"Output {i} holds more of something than 2^64-1; spread it over more outputs.");
            if (parameters.MinCoin(output) is var least && output.Value.Coin < least) return Fail(BuildFailure.OutputBelowMinimum, $"Output {i} holds {output.Value.Coin} lovelace; with its tokens it needs {least}.");
            if (!output.Value.Tokens.IsEmpty && ValueCodec.Size(output.Value) is var size && size > parameters.MaxValueSize) return Fail(BuildFailure.ValueTooLarge, $"Output {i}: its value has {size} bytes; at most {parameters.MaxValueSize}. Spread the tokens over more outputs.");
            Paid += output.Value;
        }

        return null;
    }

    private static bool HoldsTooMuch(TokenBundle tokens)
    {
        foreach (ref readonly var entry in tokens.Entries)
        {
            if (entry.Quantity > ulong.MaxValue) return true;
        }

        return false;
    }

    private BuildOutcome.Failed? CheckMetadata(TxEncoding encoding)
    {
        if (Plan.Metadata.Count == 0) return null;
        if (MetadataRules.FindFault(Plan.Metadata) is { } fault) return Fail(BuildFailure.InvalidMetadata, fault);
        Auxiliary = new AuxiliaryData { Metadata = Plan.Metadata };
        AuxiliaryHash = Auxiliary.Hash(encoding);
        return null;
    }
}
