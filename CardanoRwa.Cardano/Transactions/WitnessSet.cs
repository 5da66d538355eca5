namespace CardanoRwa.Cardano.Transactions;

/// <summary>The witnesses of a transaction; those of Plutus are carried in <see cref="Other"/> as they came.</summary>
public sealed class WitnessSet
{
    public static readonly WitnessSet Empty = new();

    public IReadOnlyList<VKeyWitness> VKeys { get; init; } = [];
    public IReadOnlyList<NativeScript> NativeScripts { get; init; } = [];
    public IReadOnlyList<BootstrapWitness> Bootstraps { get; init; } = [];

    /// <summary>CBOR by key: 3, 6, 7 Plutus scripts, 4 data, 5 redeemers.</summary>
    public IReadOnlyDictionary<ulong, ReadOnlyMemory<byte>> Other { get; init; } = TxBody.EmptyOther;

    /// <summary>Whether sets were read with tag 258.</summary>
    public bool TaggedSets { get; init; }

    public static WitnessSet Decode(ReadOnlySpan<byte> cbor)
    {
        var reader = new CborDecoder(cbor);
        var witnesses = WitnessSetCodec.Read(ref reader);
        reader.End();
        return witnesses;
    }

    public byte[] Encode(TxEncoding encoding = default) => CborEncoder.Encode((Set: this, encoding), static (encoder, x) => WitnessSetCodec.Write(encoder, x.Set, x.encoding));

    /// <summary>Both sets' witnesses, each key and script once. Where both sign with one key, this set's signature stays.</summary>
    public WitnessSet Merge(WitnessSet other) => new()
    {
        VKeys = [.. VKeys.Concat(other.VKeys).DistinctBy(static w => w.Key)],
        NativeScripts = [.. NativeScripts.Concat(other.NativeScripts).DistinctBy(static s => s.Hash)],
        Bootstraps = [.. Bootstraps.Concat(other.Bootstraps).DistinctBy(static w => w.Key)],
        Other = Other.Count == 0 ? other.Other : Other,
        TaggedSets = TaggedSets || (VKeys.Count + NativeScripts.Count == 0 && other.TaggedSets),
    };
}
