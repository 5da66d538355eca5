using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Index;
using CardanoRwa.DevNet.Ledger;

namespace CardanoRwa.DevNet.Blockfrost;

/// <summary>Transactions in Blockfrost's words.</summary>
internal static class TransactionViews
{
    internal static TxContent Content(NodeView view, TxPlace place)
    {
        var transaction = place.Item.Read();
        var body = transaction.Body;
        return new TxContent(
            transaction.Id.ToString(), place.Block.Hash.ToString(), place.Block.Height, view.Clock.TimeOf(place.Block.Slot), place.Block.Slot, place.Index,
            Amounts.Of(Amounts.Sum(body.Outputs)), Amounts.Text(body.Fee), "0", transaction.WireSize, Slot(body.Validity.InvalidBefore), Slot(body.Validity.InvalidHereafter),
            body.Inputs.Count + body.Outputs.Count, 0, 0, 0, 0, 0, 0, body.Mint.Count, 0, true, "0");
    }

    internal static TxUtxos Utxos(NodeView view, TxPlace place)
    {
        var transaction = place.Item.Read();
        var inputs = transaction.Body.Inputs.Select((input, i) => Input(input, place.Item.Spent[i], false));
        var references = transaction.Body.ReferenceInputs.Select(i => (Input: i, Output: Made(view, i))).Where(static r => r.Output is not null).Select(static r => Input(r.Input, r.Output!, true));
        var outputs = transaction.Body.Outputs.Select((output, i) => new TxOutput(
            output.Address.ToString(), Amounts.Of(output.Value), i, DataHash(output), Datum(output), false, ScriptHash(output), view.Index.SpenderOf(new TxIn(transaction.Id, (ushort)i))?.ToString()));
        return new TxUtxos(transaction.Id.ToString(), [.. inputs, .. references], [.. outputs]);
    }

    internal static MempoolTx Pending(NodeView view, Candidate candidate)
    {
        var transaction = candidate.Transaction;
        var body = transaction.Body;
        var content = new MempoolTxContent(
            candidate.Id.ToString(), Amounts.Of(Amounts.Sum(body.Outputs)), Amounts.Text(body.Fee), "0", transaction.WireSize, Slot(body.Validity.InvalidBefore), Slot(body.Validity.InvalidHereafter),
            body.Inputs.Count + body.Outputs.Count, 0, 0, 0, 0, 0, 0, body.Mint.Count, 0, true);
        var inputs = body.Inputs.Select(i => (i, false)).Concat(body.ReferenceInputs.Select(i => (i, true)))
            .Select(x => new MempoolInput(view.Chain.Spendable(x.i)?.Address.ToString() ?? "", x.i.TransactionId.ToString(), x.i.Index, false, x.Item2));
        var outputs = body.Outputs.Select(static (output, i) => new MempoolOutput(output.Address.ToString(), Amounts.Of(output.Value), i, DataHash(output), Datum(output), false, ScriptHash(output)));
        return new MempoolTx(content, [.. inputs], [.. outputs]);
    }

    /// <summary>Blockfrost tells the hash of an inline datum too.</summary>
    internal static string? DataHash(TxOut output) =>
        output.InlineDatum is { } datum ? Blake2b.Hash256(datum.Span).ToString() : output.DatumHash?.ToString();

    internal static string? Datum(TxOut output) => output.InlineDatum is { } datum ? Convert.ToHexStringLower(datum.Span) : null;

    internal static string? ScriptHash(TxOut output) => ReferencedScript.Of(output)?.Hash.ToString();

    private static TxInput Input(TxIn input, TxOut output, bool reference) => new(
        output.Address.ToString(), Amounts.Of(output.Value), input.TransactionId.ToString(), input.Index, DataHash(output), Datum(output), ScriptHash(output), false, reference);

    private static TxOut? Made(NodeView view, TxIn input) =>
        view.Index.FindTransaction(input.TransactionId)?.Item.Read().Body.Outputs.ElementAtOrDefault(input.Index) ?? view.Chain.Resolve(input);

    private static string? Slot(ulong? slot) => slot is { } s ? Amounts.Text(s) : null;
}
