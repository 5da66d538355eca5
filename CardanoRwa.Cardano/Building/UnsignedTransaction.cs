namespace CardanoRwa.Cardano.Building;

/// <summary>
/// A balanced transaction that only lacks signatures. Its body is fixed: it can be signed here, sent to other signers
/// (<see cref="ToTransaction"/>), and completed from their witnesses in any order.
/// </summary>
public sealed class UnsignedTransaction
{
    private readonly byte[] bodyBytes;
    private readonly TxEncoding encoding;
    private readonly AuxiliaryData? auxiliary;

    internal UnsignedTransaction(TxBody body, byte[] bodyBytes, AuxiliaryData? auxiliary, TxEncoding encoding, IReadOnlyList<Utxo> inputs, IReadOnlyList<NativeScript> scripts, IReadOnlyList<NativeScript> witnessScripts, IReadOnlyList<Hash28> signers, int plannedOutputs)
    {
        Body = body;
        this.bodyBytes = bodyBytes;
        this.auxiliary = auxiliary;
        this.encoding = encoding;
        Inputs = inputs;
        Scripts = scripts;
        WitnessScripts = witnessScripts;
        Signers = signers;
        PlannedOutputs = plannedOutputs;
        Id = Blake2b.Hash256(bodyBytes);
    }

    public Hash32 Id { get; }
    public TxBody Body { get; }
    public ulong Fee => Body.Fee;
    public IReadOnlyList<Utxo> Inputs { get; }

    /// <summary>Every script that must be satisfied: of mints, burns and script inputs.</summary>
    public IReadOnlyList<NativeScript> Scripts { get; }

    /// <summary>Those of them that are not read by reference.</summary>
    public IReadOnlyList<NativeScript> WitnessScripts { get; }

    /// <summary>The keys the fee was reckoned for.</summary>
    public IReadOnlyList<Hash28> Signers { get; }

    /// <summary>The first so many outputs are the plan's; the others are change.</summary>
    public int PlannedOutputs { get; }

    /// <summary>The change, spendable in the next transaction before this one is in a block.</summary>
    public IEnumerable<Utxo> Change => Body.Outputs.Skip(PlannedOutputs).Select((output, i) => new Utxo(new TxIn(Id, (ushort)(PlannedOutputs + i)), output));

    /// <summary>Without signatures but with its scripts, as a CIP-30 wallet or an offline signer takes it.</summary>
    public Transaction ToTransaction() => With([]);

    /// <summary>Signs with each key once; the signers must be those the fee was reckoned for, or fewer.</summary>
    public Transaction Sign(params ReadOnlySpan<ISigner> signers)
    {
        var witnesses = new List<VKeyWitness>(signers.Length);
        foreach (var signer in signers)
        {
            if (!witnesses.Exists(w => w.Key == signer.PublicKey)) witnesses.Add(new VKeyWitness(signer.PublicKey, signer.Sign(Id.Bytes)));
        }

        return With(witnesses);
    }

    /// <summary>The keys still wanted: of inputs and required signers that have not signed, and of scripts that are not satisfied yet.</summary>
    public IReadOnlyList<Hash28> MissingSigners(WitnessSet witnesses)
    {
        var id = Id;
        var signed = witnesses.VKeys.Where(w => w.Verify(id)).Select(static w => w.Key.Hash).ToHashSet();
        var unsatisfied = Scripts.Where(s => !s.Evaluate(Body.Validity, signed)).SelectMany(static s => s.KeyHashes);
        return [.. RequiredKeys(Inputs, Body.RequiredSigners).Concat(unsatisfied).Distinct().Where(k => !signed.Contains(k))];
    }

    /// <summary>Whether the ledger would find every signature it needs, and none that is wrong.</summary>
    public bool IsComplete(WitnessSet witnesses)
    {
        var id = Id;
        return witnesses.VKeys.All(w => w.Verify(id)) && MissingSigners(witnesses).Count == 0;
    }

    internal static IEnumerable<Hash28> RequiredKeys(IEnumerable<Utxo> inputs, IReadOnlyList<Hash28> requiredSigners)
    {
        foreach (var input in inputs)
        {
            if (input.Output.Address.Payment is { IsScript: false } key) yield return key.Hash;
        }

        foreach (var signer in requiredSigners) yield return signer;
    }

    private Transaction With(IReadOnlyList<VKeyWitness> keys) => Transaction.Assemble(
        bodyBytes,
        Id,
        Body,
        new WitnessSet { VKeys = keys, NativeScripts = WitnessScripts, TaggedSets = encoding.TagSets },
        auxiliary,
        auxiliary is null ? [] : auxiliary.Bytes(encoding),
        isValid: true,
        encoding);
}
