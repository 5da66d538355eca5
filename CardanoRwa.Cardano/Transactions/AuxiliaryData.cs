using System.Collections.Frozen;

namespace CardanoRwa.Cardano.Transactions;

/// <summary>Metadata and scripts beside a transaction. A decoded one keeps its bytes, since its hash is taken over those.</summary>
public sealed class AuxiliaryData
{
    private const ulong MetadataField = 0;
    private const ulong NativeScriptsField = 1;
    private const ulong LastField = 4;

    private readonly byte[]? original;
    private Encoded? encoded;

    public IReadOnlyDictionary<ulong, Metadatum> Metadata { get; init; } = FrozenDictionary<ulong, Metadatum>.Empty;
    public IReadOnlyList<NativeScript> NativeScripts { get; init; } = [];

    /// <summary>CBOR by key: 2-4 Plutus scripts.</summary>
    public IReadOnlyDictionary<ulong, ReadOnlyMemory<byte>> Other { get; init; } = TxBody.EmptyOther;

    /// <summary>What breaks the 64-byte rule (the ledger's InvalidMetadata), or null.</summary>
    public string? MetadataFault => MetadataRules.FindFault(Metadata);

    public Hash32 Hash(TxEncoding encoding = default) => Blake2b.Hash256(Bytes(encoding));

    /// <summary>The bytes as read; for one made here, its canonical form.</summary>
    public ReadOnlySpan<byte> Bytes(TxEncoding encoding = default)
    {
        if (original is not null) return original;
        if (encoded is { } known && known.Tagged == encoding.TagAuxiliaryData) return known.Bytes;
        var made = new Encoded(encoding.TagAuxiliaryData, CborEncoder.Encode((Data: this, encoding), static (encoder, x) => x.Data.Write(encoder, x.encoding)));
        encoded = made;
        return made.Bytes;
    }

    public AuxiliaryData() { }

    private AuxiliaryData(ReadOnlySpan<byte> original) => this.original = original.ToArray();

    public static AuxiliaryData Of(ulong label, Metadatum value) => new() { Metadata = new Dictionary<ulong, Metadatum> { [label] = value } };

    public static AuxiliaryData Decode(ReadOnlySpan<byte> cbor)
    {
        var reader = new CborDecoder(cbor);
        var data = Read(ref reader);
        reader.End();
        return data;
    }

    internal static AuxiliaryData Read(ref CborDecoder reader)
    {
        var start = reader.Position;
        IReadOnlyDictionary<ulong, Metadatum>? metadata = null;
        List<NativeScript>? scripts = null;
        Dictionary<ulong, ReadOnlyMemory<byte>>? other = null;
        switch (reader.Peek())
        {
            case CborKind.Map:
                metadata = MetadataCodec.ReadAll(ref reader);
                break;
            case CborKind.Array:
                var pair = reader.ReadRecord(2);
                metadata = MetadataCodec.ReadAll(ref reader);
                scripts = ReadScripts(ref reader);
                reader.EndRecord(pair);
                break;
            default:
                if (!reader.TryReadTag(CborTag.AlonzoAuxiliaryData)) throw reader.Error("Auxiliary data is a map, an array or tag 259");
                var seen = new FieldSet();
                for (var pairs = reader.ReadMap(); reader.More(ref pairs);)
                {
                    switch (seen.Next(ref reader))
                    {
                        case MetadataField: metadata = MetadataCodec.ReadAll(ref reader); break;
                        case NativeScriptsField: scripts = ReadScripts(ref reader); break;
                        case var key when key <= LastField: (other ??= [])[key] = reader.ReadEncoded().ToArray(); break;
                        case var key: throw reader.Error($"Unknown auxiliary field {key}");
                    }
                }

                break;
        }

        return new AuxiliaryData(reader.Since(start)) { Metadata = metadata ?? FrozenDictionary<ulong, Metadatum>.Empty, NativeScripts = scripts ?? [], Other = other ?? TxBody.EmptyOther };
    }

    private static List<NativeScript> ReadScripts(ref CborDecoder reader)
    {
        var scripts = new List<NativeScript>();
        for (var items = reader.ReadArray(); reader.More(ref items);) scripts.Add(NativeScript.Read(ref reader));
        return scripts;
    }

    private void Write(CborEncoder encoder, TxEncoding encoding)
    {
        if (NativeScripts.Count == 0 && Other.Count == 0 && !encoding.TagAuxiliaryData)
        {
            MetadataCodec.Write(encoder, Metadata);
            return;
        }

        encoder.WriteTag(CborTag.AlonzoAuxiliaryData);
        encoder.WriteMap((Metadata.Count > 0 ? 1 : 0) + (NativeScripts.Count > 0 ? 1 : 0) + Other.Count);
        if (Metadata.Count > 0)
        {
            encoder.WriteUInt(MetadataField);
            MetadataCodec.Write(encoder, Metadata);
        }

        if (NativeScripts.Count > 0)
        {
            encoder.WriteUInt(NativeScriptsField);
            encoder.WriteArray(NativeScripts.Count);
            foreach (var script in NativeScripts) encoder.WriteEncoded(script.Bytes);
        }

        foreach (var key in Other.Keys.Order())
        {
            encoder.WriteUInt(key);
            encoder.WriteEncoded(Other[key].Span);
        }
    }

    private sealed record Encoded(bool Tagged, byte[] Bytes);
}
