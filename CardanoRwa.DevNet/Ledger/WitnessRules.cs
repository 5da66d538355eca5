namespace CardanoRwa.DevNet.Ledger;

/// <summary>The rule UTXOW: scripts, signatures and auxiliary data.</summary>
internal static class WitnessRules
{
    internal static void Check(Candidate candidate, SpentOutputs spent, List<LedgerFault> faults)
    {
        Scripts(candidate, spent, faults);
        Keys(candidate, spent, faults);
        AuxiliaryData(candidate.Transaction, faults);
        if (candidate.Transaction.Body.ScriptDataHash is { } supplied && candidate.Transaction.Witnesses.Other.Count == 0)
        {
            faults.Add(LedgerFault.Utxow("PPViewHashesDontMatch", Show.Mismatch($"SJust (SafeHash \"{supplied}\")", "SNothing")));
        }
    }

    private static void Scripts(Candidate candidate, SpentOutputs spent, List<LedgerFault> faults)
    {
        var body = candidate.Transaction.Body;
        var witnessed = candidate.Transaction.Witnesses.NativeScripts;
        var needed = new SortedSet<Hash28>();
        foreach (var output in spent.Spent)
        {
            if (output.Address.Payment is { IsScript: true } payment) needed.Add(payment.Hash);
        }

        foreach (var mint in body.Mint.Entries) needed.Add(mint.Asset.Policy);
        if (needed.Count == 0 && witnessed.Count == 0) return;

        var referenced = spent.Scripts.Select(static s => s.Hash).ToHashSet();
        var natives = witnessed.Concat(spent.Scripts.Select(static s => s.Native).OfType<NativeScript>()).DistinctBy(static s => s.Hash);
        var failing = natives.Where(s => needed.Contains(s.Hash) && !s.Evaluate(body.Validity, candidate.Signers)).Select(static s => s.Hash).ToList();
        if (failing.Count > 0) faults.Add(LedgerFault.Utxow("ScriptWitnessNotValidatingUTXOW", Show.Set(failing.Order(), Show.ScriptHash)));

        // A witness beside a reference to the same script is one too many.
        var wanted = needed.Where(h => !referenced.Contains(h)).ToHashSet();
        var given = witnessed.Select(static s => s.Hash).ToHashSet();
        var missing = wanted.Where(h => !given.Contains(h)).Order().ToList();
        if (missing.Count > 0) faults.Add(LedgerFault.Utxow("MissingScriptWitnessesUTXOW", Show.Set(missing, Show.ScriptHash)));
        var extra = given.Where(h => !wanted.Contains(h)).Order().ToList();
        if (extra.Count > 0) faults.Add(LedgerFault.Utxow("ExtraneousScriptWitnessesUTXOW", Show.Set(extra, Show.ScriptHash)));
    }

    private static void Keys(Candidate candidate, SpentOutputs spent, List<LedgerFault> faults)
    {
        if (candidate.WrongSignatures.Count > 0)
        {
            faults.Add(LedgerFault.Utxow("InvalidWitnessesUTXOW", Show.List(candidate.WrongSignatures, static w => $"VKey (VerKeyEd25519DSIGN \"{w.Key}\")")));
        }

        SortedSet<Hash28>? missing = null;
        foreach (var output in spent.Spent)
        {
            if (output.Address.Payment is { IsScript: false } key && !candidate.Signers.Contains(key.Hash)) (missing ??= []).Add(key.Hash);

            // The root of a Byron address is the hash that its bootstrap witness would have to match.
            if (output.Address.Kind == AddressKind.Byron) (missing ??= []).Add(Blake2b.Hash224(output.Address.Bytes));
        }

        foreach (var signer in candidate.Transaction.Body.RequiredSigners)
        {
            if (!candidate.Signers.Contains(signer)) (missing ??= []).Add(signer);
        }

        if (missing is not null) faults.Add(LedgerFault.Utxow("MissingVKeyWitnessesUTXOW", Show.Set(missing, Show.KeyHash)));
    }

    private static void AuxiliaryData(Transaction transaction, List<LedgerFault> faults)
    {
        switch (transaction.Body.AuxiliaryDataHash, transaction.AuxiliaryData)
        {
            case (null, null):
                return;
            case ({ } promised, null):
                faults.Add(LedgerFault.Utxow("MissingTxMetadata", $"({Show.AuxiliaryHash(promised)})"));
                return;
            case (null, { } data):
                faults.Add(LedgerFault.Utxow("MissingTxBodyMetadataHash", $"({Show.AuxiliaryHash(data.Hash())})"));
                return;
            case ({ } promised, { } data):
                var actual = Blake2b.Hash256(transaction.AuxiliaryBytes.Span);
                if (promised != actual) faults.Add(LedgerFault.Utxow("ConflictingMetadataHash", Show.Mismatch(Show.AuxiliaryHash(promised), Show.AuxiliaryHash(actual))));
                if (data.MetadataFault is not null) faults.Add(LedgerFault.Utxow("InvalidMetadata"));
                return;
        }
    }
}
