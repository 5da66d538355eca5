namespace CardanoRwa.Cardano.Metadata;

/// <summary>CBOR of <c>metadata = {* uint => transaction_metadatum}</c>.</summary>
public static class MetadataCodec
{
    public static void Write(CborEncoder encoder, IReadOnlyDictionary<ulong, Metadatum> metadata)
    {
        encoder.WriteMap(metadata.Count);
        if (metadata.Count == 1)
        {
            foreach (var (label, value) in metadata) WriteEntry(encoder, label, value);
            return;
        }

        foreach (var label in metadata.Keys.Order()) WriteEntry(encoder, label, metadata[label]);
    }

    public static void Write(CborEncoder encoder, Metadatum value)
    {
        switch (value)
        {
            case MetadataInteger integer:
                encoder.WriteInteger(integer.Value);
                break;
            case MetadataBytes bytes:
                encoder.WriteBytes(bytes.Value.Span);
                break;
            case MetadataText text:
                encoder.WriteText(text.Value);
                break;
            case MetadataList list:
                encoder.WriteArray(list.Items.Count);
                for (var i = 0; i < list.Items.Count; i++) Write(encoder, list.Items[i]);
                break;
            case MetadataMap map:
                encoder.WriteMap(map.Entries.Count);
                for (var i = 0; i < map.Entries.Count; i++)
                {
                    Write(encoder, map.Entries[i].Key);
                    Write(encoder, map.Entries[i].Value);
                }

                break;
        }
    }

    public static SortedDictionary<ulong, Metadatum> ReadAll(ref CborDecoder reader)
    {
        var metadata = new SortedDictionary<ulong, Metadatum>();
        for (var pairs = reader.ReadMap(); reader.More(ref pairs);)
        {
            var label = reader.ReadUInt();
            if (!metadata.TryAdd(label, Read(ref reader))) throw reader.Error($"Metadata label {label} stands twice");
        }

        return metadata;
    }

    public static Metadatum Read(ref CborDecoder reader)
    {
        switch (reader.Peek())
        {
            case CborKind.UnsignedInteger or CborKind.NegativeInteger:
                return new MetadataInteger(reader.ReadInteger());
            case CborKind.Bytes:
                return new MetadataBytes(reader.ReadBytes().ToArray());
            case CborKind.Text:
                return new MetadataText(reader.ReadText());
            case CborKind.Array:
                var list = new List<Metadatum>();
                for (var items = reader.ReadArray(); reader.More(ref items);) list.Add(Read(ref reader));
                return new MetadataList(list);
            case CborKind.Map:
                var map = new List<KeyValuePair<Metadatum, Metadatum>>();
                for (var pairs = reader.ReadMap(); reader.More(ref pairs);) map.Add(new(Read(ref reader), Read(ref reader)));
                return new MetadataMap(map);
            default:
                throw reader.Error($"{reader.Peek()} cannot stand in metadata");
        }
    }

    private static void WriteEntry(CborEncoder encoder, ulong label, Metadatum value)
    {
        encoder.WriteUInt(label);
        Write(encoder, value);
    }
}
