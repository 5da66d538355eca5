namespace CardanoRwa.Cardano.Building;

/// <summary>One try at completing a plan: inputs, fee and change depend on one another, so they are reckoned in rounds until they agree.</summary>
internal sealed class Draft(PlanContext context, ProtocolParameters parameters, TxEncoding encoding)
{
    private const int MaxRounds = 64;

    // Enough for any input with its share of the change; only bounds how far selection improves.
    private const int BytesPerInput = 60;

    private readonly TransactionPlan plan = context.Plan;

    internal int RoomForInputs => parameters.MaxTxSize / 2 / BytesPerInput;

    internal BuildOutcome Complete(CoinSelector selector)
    {
        var needed = context.Paid.Tokens - context.Mint;
        if (selector.Cover(needed) is { } lacking) return InsufficientTokens(lacking, needed, selector);
        var fee = parameters.MinFee(parameters.MaxTxSize / 32);
        Int128 reserve = 0;
        var leftover = false;
        var witnesses = default(WitnessPlan);
        var witnessed = 0;
        for (var round = 0; round < MaxRounds; round++)
        {
            // At least one input always: an empty set is refused even where nothing is to be paid.
            if (!selector.Cover(Int128.Max(context.Paid.Coin + fee, 1))) return PlanContext.Fail(BuildFailure.InsufficientCoin, $"Needs {context.Paid.Coin} lovelace for outputs and {fee} for the fee; {selector.Total.Coin} can be spent.");
            if (reserve > 0 && !selector.Cover(context.Paid.Coin + fee + reserve))
            {
                leftover = plan.LeftoverToFee && Rest(selector, fee).Tokens.IsEmpty;
                if (!leftover) return PlanContext.Fail(BuildFailure.ChangeBelowMinimum, $"The change needs {reserve} lovelace to stand on its own and would have {Rest(selector, fee).Coin}; nothing else can be spent.");
            }

            var rest = Rest(selector, fee);
            Int128 missing = 0;
            var change = leftover ? [] : ChangeMaker.Make(plan.ChangeAddress, rest, parameters, plan.ChangeParts, encoding.LegacyOutputs, out missing);
            if (change is null)
            {
                reserve = rest.Coin + missing;
                continue;
            }

            var body = Body(selector, change, leftover ? fee + (ulong)rest.Coin : fee);
            if (selector.Selected.Count != witnessed) (witnesses, witnessed) = (Witnesses(selector), selector.Selected.Count);
            if (witnesses.Failure is not null) return witnesses.Failure;
            using var encoder = CborEncoder.Rent();
            TxBodyCodec.Write(encoder, body, encoding);
            var size = WireSize(encoder.Length, witnesses);
            var minimum = parameters.MinFee(size) + ReferenceFee(selector);
            if (minimum > fee || (minimum < fee && round < MaxRounds / 2))
            {
                fee = minimum;
                continue;
            }

            // The wire has one byte more than the ledger counts.
            if (size - 1 > parameters.MaxTxSize) return PlanContext.Fail(BuildFailure.TransactionTooLarge, $"The transaction has {size} bytes; at most {parameters.MaxTxSize + 1}. Do less in one transaction.");
            return new BuildOutcome.Built(new UnsignedTransaction(body, encoder.Written.ToArray(), context.Auxiliary, encoding, selector.Selected, witnesses.Scripts, witnesses.InWitnessSet, witnesses.Signers, plan.Outputs.Count));
        }

        return PlanContext.Fail(BuildFailure.InsufficientCoin, "Inputs, fee and change do not settle.");
    }

    private Value Rest(CoinSelector selector, ulong fee) => new(selector.Total.Coin - context.Paid.Coin - fee, selector.Total.Tokens + context.Mint - context.Paid.Tokens);

    private TxBody Body(CoinSelector selector, List<TxOut> change, ulong fee)
    {
        var inputs = new TxIn[selector.Selected.Count];
        for (var i = 0; i < inputs.Length; i++) inputs[i] = selector.Selected[i].Input;
        Array.Sort(inputs);
        return new TxBody
        {
            Inputs = inputs,
            Outputs = change.Count == 0 ? plan.Outputs : [.. plan.Outputs, .. change],
            Fee = fee,
            Validity = context.Validity,
            AuxiliaryDataHash = context.AuxiliaryHash,
            Mint = context.Mint,
            RequiredSigners = plan.RequiredSigners,
            NetworkId = plan.Network,
            ReferenceInputs = plan.ReferenceInputs.Count == 0 ? [] : [.. plan.ReferenceInputs.Select(static u => u.Input).Order()],
            TaggedSets = encoding.TagSets,
        };
    }

    private WitnessPlan Witnesses(CoinSelector selector)
    {
        var used = new List<NativeScript>();
        foreach (var mint in plan.Mints) AddOnce(used, mint.Policy);
        foreach (var utxo in selector.Selected)
        {
            if (utxo.Output.Address.Payment is { IsScript: true } payment) AddOnce(used, context.Script(payment.Hash)!);
        }

        var signers = UnsignedTransaction.RequiredKeys(selector.Selected, plan.RequiredSigners).ToHashSet();
        signers.UnionWith(plan.ScriptSigners ?? used.SelectMany(static s => s.KeyHashes));
        foreach (var script in used)
        {
            if (!script.Evaluate(context.Validity, signers))
            {
                return new(used, used, [], PlanContext.Fail(BuildFailure.ScriptUnsatisfied, $"Script {script.Hash} is not satisfied by the signers told and a validity from {Show(context.Validity.InvalidBefore)} to {Show(context.Validity.InvalidHereafter)}: {script.ToJson()}"));
            }
        }

        var inWitnessSet = used.Exists(s => context.IsReferenced(s.Hash)) ? used.FindAll(s => !context.IsReferenced(s.Hash)) : used;
        return new(used, inWitnessSet, [.. signers], null);
    }

    private static void AddOnce(List<NativeScript> scripts, NativeScript script)
    {
        if (!scripts.Exists(s => s.Hash == script.Hash)) scripts.Add(script);
    }

    private int WireSize(int body, WitnessPlan witnesses) =>
        1 + body + WitnessSetCodec.Measure(witnesses.Signers.Count, witnesses.InWitnessSet, encoding) + 1 + (context.Auxiliary?.Bytes(encoding).Length ?? 1);

    private ulong ReferenceFee(CoinSelector selector)
    {
        var size = 0;
        foreach (var utxo in plan.ReferenceInputs) size += utxo.Output.ScriptReference?.Length ?? 0;
        foreach (var utxo in selector.Selected) size += utxo.Output.ScriptReference?.Length ?? 0;
        return size == 0 ? 0 : parameters.ReferenceScriptFee(size);
    }

    private static BuildOutcome.Failed InsufficientTokens(AssetId asset, TokenBundle needed, CoinSelector selector) =>
        PlanContext.Fail(BuildFailure.InsufficientTokens, $"Needs {needed.QuantityOf(asset)} of {asset} beside what is minted; {selector.Total.Tokens.QuantityOf(asset)} can be spent.");

    private static string Show(ulong? slot) => slot?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "(open)";

    private readonly record struct WitnessPlan(List<NativeScript> Scripts, List<NativeScript> InWitnessSet, IReadOnlyList<Hash28> Signers, BuildOutcome.Failed? Failure);
}
