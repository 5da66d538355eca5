using System.Numerics;

namespace CardanoRwa.Cardano.Metadata;

/// <summary>Plutus data, as far as datums need it: constructor, map, list, integer of any size, bytes.</summary>
public abstract record PlutusData
{
    private protected PlutusData() { }

    /// <summary>Constructor 0 without fields: what CIP-68 puts where nothing extra is to be said.</summary>
    public static readonly PlutusData Unit = new PlutusConstructor(0, []);

    public byte[] Encode() => CborEncoder.Encode(this, static (encoder, data) => PlutusDataCodec.Write(encoder, data));

    /// <summary>Blake2b-256 of the canonical form.</summary>
    public Hash32 Hash => Blake2b.Hash256(Encode());

    public static PlutusData Decode(ReadOnlySpan<byte> cbor)
    {
        var reader = new CborDecoder(cbor);
        var data = PlutusDataCodec.Read(ref reader);
        reader.End();
        return data;
    }
}

public sealed record PlutusConstructor(ulong Alternative, IReadOnlyList<PlutusData> Fields) : PlutusData
{
    public bool Equals(PlutusConstructor? other) => other is not null && Alternative == other.Alternative && Fields.SequenceEqual(other.Fields);
    public override int GetHashCode() => HashCode.Combine(Alternative, Fields.Count);
}

public sealed record PlutusMap(IReadOnlyList<KeyValuePair<PlutusData, PlutusData>> Entries) : PlutusData
{
    public bool Equals(PlutusMap? other) => other is not null && Entries.SequenceEqual(other.Entries);
    public override int GetHashCode() => Entries.Count;
}

public sealed record PlutusList(IReadOnlyList<PlutusData> Items) : PlutusData
{
    public bool Equals(PlutusList? other) => other is not null && Items.SequenceEqual(other.Items);
    public override int GetHashCode() => Items.Count;
}

public sealed record PlutusInteger(BigInteger Value) : PlutusData;

public sealed record PlutusBytes(ReadOnlyMemory<byte> Value) : PlutusData
{
    public bool Equals(PlutusBytes? other) => other is not null && Value.Span.SequenceEqual(other.Value.Span);
    public override int GetHashCode() => Value.Length;
}
