using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Tests.Cardano;

/// <summary>The Conway rules for transactions with native scripts, written independently of the builder: what it breaks, by the ledger's names.</summary>
internal static class LedgerRules
{
    internal static List<string> Check(Transaction transaction, IReadOnlyDictionary<TxIn, TxOut> ledger, ProtocolParameters parameters, CardanoNetwork network, ulong slot)
    {
        var broken = new List<string>();
        void Rule(bool holds, string name)
        {
            if (!holds) broken.Add(name);
        }

        // What counts are the bytes, so the check reads them back.
        var read = Transaction.Decode(transaction.Bytes);
        var body = read.Body;
        Rule(read.Id == Blake2b.Hash256(read.BodyBytes.Span), "id");
        Rule(read.IsValid, "ValidationTagMismatch");
        Rule(body.Inputs.Count > 0, "InputSetEmptyUTxO");
        Rule(body.Inputs.All(ledger.ContainsKey) && body.ReferenceInputs.All(ledger.ContainsKey), "BadInputsUTxO");
        Rule(!body.Inputs.Intersect(body.ReferenceInputs).Any(), "BabbageNonDisjointRefInputs");
        Rule(body.Validity.Contains(slot), "OutsideValidityIntervalUTxO");
        Rule(read.LedgerSize <= parameters.MaxTxSize, "MaxTxSizeUTxO");
        var references = body.Inputs.Concat(body.ReferenceInputs).Sum(i => ledger.TryGetValue(i, out var output) ? output.ScriptReference?.Length ?? 0 : 0);
        Rule(body.Fee >= parameters.MinFee(read.LedgerSize) + parameters.ReferenceScriptFee(references), "FeeTooSmallUTxO");

        var consumed = body.Inputs.Where(ledger.ContainsKey).Aggregate(Value.Zero, (sum, input) => sum + ledger[input].Value) + new Value(0, body.Mint);
        var produced = body.Outputs.Aggregate(Value.OfCoin(body.Fee), static (sum, output) => sum + output.Value);
        Rule(consumed == produced, "ValueNotConservedUTxO");
        foreach (var output in body.Outputs)
        {
            Rule(output.Value.Coin >= parameters.MinCoin(output.Size), "BabbageOutputTooSmallUTxO");
            Rule(ValueCodec.Size(output.Value) <= parameters.MaxValueSize, "OutputTooBigUTxO");
            Rule(output.Address.Network == network, "WrongNetwork");
        }

        Rule(body.NetworkId is null || body.NetworkId == network, "WrongNetworkInTxBody");
        Rule(read.Witnesses.VKeys.All(w => w.Verify(read.Id)), "InvalidWitnessesUTXOW");
        var signed = read.Witnesses.VKeys.Select(static w => w.Key.Hash).ToHashSet();
        var payments = body.Inputs.Where(ledger.ContainsKey).Select(i => ledger[i].Address.Payment!.Value).ToList();
        Rule(payments.Where(static p => !p.IsScript).Select(static p => p.Hash).Concat(body.RequiredSigners).All(signed.Contains), "MissingVKeyWitnessesUTXOW");

        var wanted = payments.Where(static p => p.IsScript).Select(static p => p.Hash).Concat(body.Mint.Select(static m => m.Asset.Policy)).ToHashSet();
        var given = read.Witnesses.NativeScripts.ToDictionary(static s => s.Hash);
        Rule(wanted.SetEquals(given.Keys) || references > 0, "MissingScriptWitnessesUTXOW or ExtraneousScriptWitnessesUTXOW");
        Rule(given.Values.All(s => s.Evaluate(body.Validity, signed)), "ScriptWitnessNotValidatingUTXOW");
        Rule(body.AuxiliaryDataHash == read.AuxiliaryData?.Hash(), "ConflictingMetadataHash");
        Rule(read.AuxiliaryData?.MetadataFault is null, "InvalidMetadata");
        return broken;
    }
}
