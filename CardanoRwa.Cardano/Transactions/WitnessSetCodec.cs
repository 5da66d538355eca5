namespace CardanoRwa.Cardano.Transactions;

/// <summary>CBOR of <c>transaction_witness_set</c>.</summary>
internal static class WitnessSetCodec
{
    private const ulong VKeys = 0;
    private const ulong NativeScripts = 1;
    private const ulong Bootstraps = 2;
    private const ulong LastField = 7;

    internal static void Write(CborEncoder encoder, WitnessSet set, TxEncoding encoding)
    {
        encoder.WriteMap((set.VKeys.Count > 0 ? 1 : 0) + (set.NativeScripts.Count > 0 ? 1 : 0) + (set.Bootstraps.Count > 0 ? 1 : 0) + set.Other.Count);
        if (set.VKeys.Count > 0) WriteVKeys(encoder, set.VKeys, encoding);
        if (set.NativeScripts.Count > 0)
        {
            encoder.WriteUInt(NativeScripts);
            SetCodec.WriteHead(encoder, set.NativeScripts.Count, encoding.TagSets);
            foreach (var script in set.NativeScripts) encoder.WriteEncoded(script.Bytes);
        }

        if (set.Bootstraps.Count > 0) WriteBootstraps(encoder, set.Bootstraps, encoding);
        for (var key = Bootstraps + 1; key <= LastField; key++)
        {
            if (!set.Other.TryGetValue(key, out var raw)) continue;
            encoder.WriteUInt(key);
            encoder.WriteEncoded(raw.Span);
        }
    }

    /// <summary>Bytes of a set with so many key witnesses and these scripts, before there are signatures.</summary>
    internal static int Measure(int keys, IReadOnlyList<NativeScript> scripts, TxEncoding encoding)
    {
        var size = 1;
        if (keys > 0) size += 1 + SetCodec.HeadSize(keys, encoding.TagSets) + keys * VKeyWitness.EncodedSize;
        if (scripts.Count > 0) size += 1 + SetCodec.HeadSize(scripts.Count, encoding.TagSets);
        for (var i = 0; i < scripts.Count; i++) size += scripts[i].Bytes.Length;
        return size;
    }

    internal static WitnessSet Read(ref CborDecoder reader)
    {
        List<VKeyWitness>? keys = null;
        List<NativeScript>? scripts = null;
        List<BootstrapWitness>? bootstraps = null;
        Dictionary<ulong, ReadOnlyMemory<byte>>? other = null;
        var tagged = false;
        var seen = new FieldSet();
        for (var pairs = reader.ReadMap(); reader.More(ref pairs);)
        {
            var key = seen.Next(ref reader);
            switch (key)
            {
                case VKeys:
                    tagged |= SetCodec.ReadTag(ref reader);
                    keys = [];
                    for (var items = reader.ReadArray(); reader.More(ref items);) keys.Add(ReadVKey(ref reader));
                    if (keys.Count == 0) throw reader.Error("No empty witness lists");
                    break;
                case NativeScripts:
                    tagged |= SetCodec.ReadTag(ref reader);
                    scripts = [];
                    for (var items = reader.ReadArray(); reader.More(ref items);) scripts.Add(NativeScript.Read(ref reader));
                    if (scripts.Count == 0) throw reader.Error("No empty script lists");
                    break;
                case Bootstraps:
                    tagged |= SetCodec.ReadTag(ref reader);
                    bootstraps = [];
                    for (var items = reader.ReadArray(); reader.More(ref items);) bootstraps.Add(ReadBootstrap(ref reader));
                    if (bootstraps.Count == 0) throw reader.Error("No empty witness lists");
                    break;
                case <= LastField: (other ??= [])[key] = reader.ReadEncoded().ToArray(); break;
                default: throw reader.Error($"Unknown witness field {key}");
            }
        }

        return new WitnessSet { VKeys = keys ?? [], NativeScripts = scripts ?? [], Bootstraps = bootstraps ?? [], Other = other ?? TxBody.EmptyOther, TaggedSets = tagged };
    }

    private static void WriteVKeys(CborEncoder encoder, IReadOnlyList<VKeyWitness> keys, TxEncoding encoding)
    {
        encoder.WriteUInt(VKeys);
        SetCodec.WriteHead(encoder, keys.Count, encoding.TagSets);
        for (var i = 0; i < keys.Count; i++)
        {
            var witness = keys[i];
            encoder.WriteArray(2);
            encoder.WriteBytes(witness.Key.Bytes);
            encoder.WriteBytes(witness.Signature.Bytes);
        }
    }

    private static void WriteBootstraps(CborEncoder encoder, IReadOnlyList<BootstrapWitness> bootstraps, TxEncoding encoding)
    {
        encoder.WriteUInt(Bootstraps);
        SetCodec.WriteHead(encoder, bootstraps.Count, encoding.TagSets);
        foreach (var witness in bootstraps)
        {
            encoder.WriteArray(4);
            encoder.WriteBytes(witness.Key.Bytes);
            encoder.WriteBytes(witness.Signature.Bytes);
            encoder.WriteBytes(witness.ChainCode.Bytes);
            encoder.WriteBytes(witness.Attributes.Span);
        }
    }

    private static VKeyWitness ReadVKey(ref CborDecoder reader)
    {
        var pair = reader.ReadRecord(2);
        var witness = new VKeyWitness(new PublicKey(reader.ReadFixedBytes(PublicKey.Size)), new Ed25519Signature(reader.ReadFixedBytes(Ed25519Signature.Size)));
        reader.EndRecord(pair);
        return witness;
    }

    private static BootstrapWitness ReadBootstrap(ref CborDecoder reader)
    {
        var fields = reader.ReadRecord(4);
        var key = new PublicKey(reader.ReadFixedBytes(PublicKey.Size));
        var signature = new Ed25519Signature(reader.ReadFixedBytes(Ed25519Signature.Size));
        var witness = new BootstrapWitness(key, signature, new Hash32(reader.ReadFixedBytes(Hash32.Size)), reader.ReadDefiniteBytes().ToArray());
        reader.EndRecord(fields);
        return witness;
    }
}
