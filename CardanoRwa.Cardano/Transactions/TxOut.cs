namespace CardanoRwa.Cardano.Transactions;

/// <summary>A transaction output. A decoded one keeps its bytes, because the minimum ADA is a matter of its size on the wire.</summary>
public sealed class TxOut(Address address, Value value)
{
    private const ulong AddressKey = 0;
    private const ulong ValueKey = 1;
    private const ulong DatumKey = 2;
    private const ulong ScriptKey = 3;
    private const ulong DatumByHash = 0;
    private const ulong DatumInline = 1;

    private int wireSize;

    public Address Address { get; } = address;
    public Value Value { get; } = value;
    public Hash32? DatumHash { get; init; }

    /// <summary>CBOR of the Plutus data, without tag 24.</summary>
    public ReadOnlyMemory<byte>? InlineDatum { get; init; }

    /// <summary>CBOR of <c>script = [0, native_script] / [1..3, bytes]</c>, without tag 24.</summary>
    public ReadOnlyMemory<byte>? ScriptReference { get; init; }

    /// <summary>Whether it was read from, or is to be written as, the array form.</summary>
    public bool Legacy { get; init; }

    /// <summary>Bytes as read, or as it would be written.</summary>
    public int Size => wireSize > 0 ? wireSize : Measure();

    public TxOut WithValue(Value replacement) =>
        new(Address, replacement) { DatumHash = DatumHash, InlineDatum = InlineDatum, ScriptReference = ScriptReference, Legacy = Legacy };

    public static TxOut Decode(ReadOnlySpan<byte> cbor)
    {
        var reader = new CborDecoder(cbor);
        var output = Read(ref reader);
        reader.End();
        return output;
    }

    public byte[] Encode() => CborEncoder.Encode(this, static (encoder, output) => output.Write(encoder, output.Legacy));

    internal void Write(CborEncoder encoder, bool legacy)
    {
        if (legacy && InlineDatum is null && ScriptReference is null)
        {
            encoder.WriteArray(DatumHash is null ? 2 : 3);
            encoder.WriteBytes(Address.Bytes);
            ValueCodec.Write(encoder, Value);
            if (DatumHash is { } hash) encoder.WriteBytes(hash.Bytes);
            return;
        }

        encoder.WriteMap(2 + (DatumHash is null && InlineDatum is null ? 0 : 1) + (ScriptReference is null ? 0 : 1));
        encoder.WriteUInt(AddressKey);
        encoder.WriteBytes(Address.Bytes);
        encoder.WriteUInt(ValueKey);
        ValueCodec.Write(encoder, Value);
        WriteDatum(encoder);
        if (ScriptReference is not { } script) return;
        encoder.WriteUInt(ScriptKey);
        encoder.WriteTag(CborTag.EncodedCbor);
        encoder.WriteBytes(script.Span);
    }

    internal static TxOut Read(ref CborDecoder reader)
    {
        var start = reader.Position;
        var output = reader.Peek() == CborKind.Map ? ReadMap(ref reader) : ReadArray(ref reader);
        output.wireSize = reader.Position - start;
        return output;
    }

    private int Measure()
    {
        using var encoder = CborEncoder.Rent();
        Write(encoder, Legacy);
        return encoder.Length;
    }

    private void WriteDatum(CborEncoder encoder)
    {
        if (InlineDatum is { } datum)
        {
            encoder.WriteUInt(DatumKey);
            encoder.WriteArray(2);
            encoder.WriteUInt(DatumInline);
            encoder.WriteTag(CborTag.EncodedCbor);
            encoder.WriteBytes(datum.Span);
        }
        else if (DatumHash is { } hash)
        {
            encoder.WriteUInt(DatumKey);
            encoder.WriteArray(2);
            encoder.WriteUInt(DatumByHash);
            encoder.WriteBytes(hash.Bytes);
        }
    }

    private static TxOut ReadArray(ref CborDecoder reader)
    {
        var fields = reader.ReadArray();
        if (fields is not (-1 or 2 or 3)) throw reader.Error("An output has 2 or 3 fields");
        var address = ReadAddress(ref reader);
        var value = ValueCodec.Read(ref reader);
        Hash32? datum = fields == 3 || (fields < 0 && reader.Peek() != CborKind.Break) ? new Hash32(reader.ReadFixedBytes(Hash32.Size)) : null;
        reader.EndRecord(fields);
        return new TxOut(address, value) { DatumHash = datum, Legacy = true };
    }

    private static TxOut ReadMap(ref CborDecoder reader)
    {
        Address? address = null;
        Value? value = null;
        Hash32? datumHash = null;
        ReadOnlyMemory<byte>? datum = null, script = null;
        var seen = new FieldSet();
        for (var pairs = reader.ReadMap(); reader.More(ref pairs);)
        {
            switch (seen.Next(ref reader))
            {
                case AddressKey: address = ReadAddress(ref reader); break;
                case ValueKey: value = ValueCodec.Read(ref reader); break;
                case DatumKey: (datumHash, datum) = ReadDatum(ref reader); break;
                case ScriptKey: script = ReadEmbedded(ref reader); break;
                case var key: throw reader.Error($"Unknown output field {key}");
            }
        }

        if (address is null || value is null) throw reader.Error("An output has an address and a value");
        return new TxOut(address, value) { DatumHash = datumHash, InlineDatum = datum, ScriptReference = script };
    }

    private static Address ReadAddress(ref CborDecoder reader)
    {
        var raw = reader.ReadDefiniteBytes();
        return Address.TryFromBytes(raw, out var address) && address.Kind != AddressKind.Stake ? address : throw reader.Error("Not a payment address");
    }

    private static (Hash32? Hash, ReadOnlyMemory<byte>? Inline) ReadDatum(ref CborDecoder reader)
    {
        var pair = reader.ReadRecord(2);
        Hash32? hash = null;
        ReadOnlyMemory<byte>? inline = null;
        if (reader.ReadUInt(DatumInline) == DatumInline) inline = ReadEmbedded(ref reader);
        else hash = new Hash32(reader.ReadFixedBytes(Hash32.Size));
        reader.EndRecord(pair);
        return (hash, inline);
    }

    private static byte[] ReadEmbedded(ref CborDecoder reader)
    {
        if (!reader.TryReadTag(CborTag.EncodedCbor)) throw reader.Error("Expected tag 24");
        var bytes = reader.ReadDefiniteBytes();
        var inner = new CborDecoder(bytes);
        inner.Skip();
        inner.End();
        return bytes.ToArray();
    }
}
