using System.Globalization;

namespace CardanoRwa.DevNet.Ledger;

/// <summary>The rule UTXO: inputs, time, fee, balance, sizes, networks.</summary>
internal static class UtxoRules
{
    private const int MaxBootstrapAttributes = 64;

    internal static void Check(Transaction transaction, SpentOutputs spent, ProtocolParameters parameters, CardanoNetwork network, ulong slot, List<LedgerFault> faults)
    {
        var body = transaction.Body;
        Inputs(body, spent, slot, faults);
        Fee(transaction, spent, parameters, faults);
        if (spent.Missing.Count > 0) faults.Add(LedgerFault.Utxo("BadInputsUTxO", Show.Set(spent.Missing.Distinct().Order(), Show.Input)));
        Balance(body, spent, faults);
        Outputs(body, parameters, faults);
        Networks(body, network, faults);
        if (transaction.LedgerSize > parameters.MaxTxSize)
        {
            faults.Add(LedgerFault.Utxo("MaxTxSizeUTxO", Show.Mismatch(transaction.LedgerSize.ToString(CultureInfo.InvariantCulture), parameters.MaxTxSize.ToString(CultureInfo.InvariantCulture))));
        }

        if (!transaction.IsValid) faults.Add(LedgerFault.Utxo("UtxosFailure", "(ValidationTagMismatch (IsValid False) PassedUnexpectedly)"));
    }

    private static void Inputs(TxBody body, SpentOutputs spent, ulong slot, List<LedgerFault> faults)
    {
        var both = body.ReferenceInputs.Count == 0 ? [] : body.Inputs.Intersect(body.ReferenceInputs).Order().ToList();
        if (both.Count > 0)
        {
            faults.Add(LedgerFault.Utxo("BabbageNonDisjointRefInputs", $"({Show.Input(both[0])} :| {Show.List(both.Skip(1), Show.Input)})"));
        }

        if (!body.Validity.Contains(slot))
        {
            var interval = $"(ValidityInterval {{invalidBefore = {Show.Slot(body.Validity.InvalidBefore)}, invalidHereafter = {Show.Slot(body.Validity.InvalidHereafter)}}})";
            faults.Add(LedgerFault.Utxo("OutsideValidityIntervalUTxO", $"{interval} (SlotNo {slot})"));
        }

        if (body.Inputs.Count == 0 && spent.Spent.Count == 0) faults.Add(LedgerFault.Utxo("InputSetEmptyUTxO"));
    }

    private static void Fee(Transaction transaction, SpentOutputs spent, ProtocolParameters parameters, List<LedgerFault> faults)
    {
        var minimum = parameters.MinFee(transaction.LedgerSize) + parameters.ReferenceScriptFee(spent.Scripts.Sum(static s => s.Size));
        if (transaction.Body.Fee < minimum) faults.Add(LedgerFault.Utxo("FeeTooSmallUTxO", Show.Mismatch(Show.Coin(transaction.Body.Fee), Show.Coin(minimum))));
    }

    private static void Balance(TxBody body, SpentOutputs spent, List<LedgerFault> faults)
    {
        var minted = body.Mint.IsEmpty ? body.Mint : TokenBundle.From(body.Mint.Where(static m => m.Quantity > 0));
        var burned = minted - body.Mint;
        var consumed = spent.Spent.Aggregate(new Value(0, minted), static (sum, output) => sum + output.Value);
        var produced = body.Outputs.Aggregate(new Value(body.Fee, burned), static (sum, output) => sum + output.Value);
        if (consumed != produced) faults.Add(LedgerFault.Utxo("ValueNotConservedUTxO", Show.Mismatch(Show.Value(consumed), Show.Value(produced))));
    }

    private static void Outputs(TxBody body, ProtocolParameters parameters, List<LedgerFault> faults)
    {
        List<TxOut> small = [], big = [], bootstrap = [];
        foreach (var output in All(body))
        {
            if (output.Value.Coin < parameters.MinCoin(output)) small.Add(output);
            if (ValueCodec.Size(output.Value) > parameters.MaxValueSize) big.Add(output);
            if (output.Address.ByronAttributesSize > MaxBootstrapAttributes) bootstrap.Add(output);
        }

        if (small.Count > 0) faults.Add(LedgerFault.Utxo("BabbageOutputTooSmallUTxO", Show.List(small, o => $"({Show.Output(o)},{Show.Coin(parameters.MinCoin(o))})")));
        if (big.Count > 0) faults.Add(LedgerFault.Utxo("OutputTooBigUTxO", Show.List(big, o => $"({ValueCodec.Size(o.Value)},{parameters.MaxValueSize},{Show.Output(o)})")));
        if (bootstrap.Count > 0) faults.Add(LedgerFault.Utxo("OutputBootAddrAttrsTooBig", Show.List(bootstrap, Show.Output)));
    }

    private static void Networks(TxBody body, CardanoNetwork network, List<LedgerFault> faults)
    {
        var foreign = All(body).Select(static o => o.Address).Where(a => a.Network != network).Distinct().ToList();
        if (foreign.Count > 0) faults.Add(LedgerFault.Utxo("WrongNetwork", $"{network} {Show.Set(foreign, Show.Address)}"));
        if (body.NetworkId is { } told && told != network) faults.Add(LedgerFault.Utxo("WrongNetworkInTxBody", Show.Mismatch(told.ToString(), network.ToString())));
    }

    private static IEnumerable<TxOut> All(TxBody body) => body.CollateralReturn is { } back ? body.Outputs.Append(back) : body.Outputs;
}
