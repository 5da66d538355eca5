using System.Numerics;

namespace CardanoRwa.Cardano.Metadata;

/// <summary>CBOR of <c>plutus_data</c>. Strings over 64 bytes are written in chunks of 64, as <c>bounded_bytes</c> demands.</summary>
internal static class PlutusDataCodec
{
    private const int MaxChunk = 64;

    internal static void Write(CborEncoder encoder, PlutusData data)
    {
        switch (data)
        {
            case PlutusConstructor constructor:
                WriteConstructor(encoder, constructor);
                break;
            case PlutusMap map:
                encoder.WriteMap(map.Entries.Count);
                foreach (var (key, value) in map.Entries)
                {
                    Write(encoder, key);
                    Write(encoder, value);
                }

                break;
            case PlutusList list:
                WriteList(encoder, list.Items);
                break;
            case PlutusInteger integer:
                WriteInteger(encoder, integer.Value);
                break;
            case PlutusBytes bytes:
                WriteBytes(encoder, bytes.Value.Span);
                break;
        }
    }

    internal static PlutusData Read(ref CborDecoder reader)
    {
        switch (reader.Peek())
        {
            case CborKind.UnsignedInteger or CborKind.NegativeInteger:
                return new PlutusInteger((BigInteger)reader.ReadInteger());
            case CborKind.Bytes:
                return new PlutusBytes(reader.ReadBytes().ToArray());
            case CborKind.Array:
                return new PlutusList(ReadItems(ref reader));
            case CborKind.Map:
                var entries = new List<KeyValuePair<PlutusData, PlutusData>>();
                for (var pairs = reader.ReadMap(); reader.More(ref pairs);) entries.Add(new(Read(ref reader), Read(ref reader)));
                return new PlutusMap(entries);
            case CborKind.Tag:
                reader.Enter();
                var tagged = ReadTagged(ref reader);
                reader.Leave();
                return tagged;
            default:
                throw reader.Error($"{reader.Peek()} is not Plutus data");
        }
    }

    private static PlutusData ReadTagged(ref CborDecoder reader)
    {
        var tag = reader.ReadTag();
        switch (tag)
        {
            case CborTag.PositiveBigInteger:
                return new PlutusInteger(new BigInteger(reader.ReadBytes(), isUnsigned: true, isBigEndian: true));
            case CborTag.NegativeBigInteger:
                return new PlutusInteger(-1 - new BigInteger(reader.ReadBytes(), isUnsigned: true, isBigEndian: true));
            case >= CborTag.Constructor0 and < CborTag.Constructor0 + 7:
                return new PlutusConstructor(tag - CborTag.Constructor0, ReadItems(ref reader));
            case >= CborTag.Constructor7 and <= CborTag.Constructor7 + 120:
                return new PlutusConstructor(tag - CborTag.Constructor7 + 7, ReadItems(ref reader));
            case CborTag.ConstructorAny:
                var pair = reader.ReadRecord(2);
                var constructor = new PlutusConstructor(reader.ReadUInt(), ReadItems(ref reader));
                reader.EndRecord(pair);
                return constructor;
            default:
                throw reader.Error($"Tag {tag} is not Plutus data");
        }
    }

    private static List<PlutusData> ReadItems(ref CborDecoder reader)
    {
        var list = new List<PlutusData>();
        for (var items = reader.ReadArray(); reader.More(ref items);) list.Add(Read(ref reader));
        return list;
    }

    private static void WriteConstructor(CborEncoder encoder, PlutusConstructor constructor)
    {
        switch (constructor.Alternative)
        {
            case < 7:
                encoder.WriteTag(CborTag.Constructor0 + constructor.Alternative);
                break;
            case <= 127:
                encoder.WriteTag(CborTag.Constructor7 + constructor.Alternative - 7);
                break;
            default:
                encoder.WriteTag(CborTag.ConstructorAny);
                encoder.WriteArray(2);
                encoder.WriteUInt(constructor.Alternative);
                break;
        }

        WriteList(encoder, constructor.Fields);
    }

    // The reference implementation writes a list that has items with a break at its end; hashes of datums depend on it.
    private static void WriteList(CborEncoder encoder, IReadOnlyList<PlutusData> items)
    {
        if (items.Count == 0)
        {
            encoder.WriteArray(0);
            return;
        }

        encoder.WriteIndefiniteArray();
        foreach (var item in items) Write(encoder, item);
        encoder.WriteBreak();
    }

    private static void WriteInteger(CborEncoder encoder, BigInteger value)
    {
        var magnitude = value.Sign < 0 ? -1 - value : value;
        if (magnitude <= ulong.MaxValue)
        {
            encoder.WriteInteger((Int128)value);
            return;
        }

        encoder.WriteTag(value.Sign < 0 ? CborTag.NegativeBigInteger : CborTag.PositiveBigInteger);
        WriteBytes(encoder, magnitude.ToByteArray(isUnsigned: true, isBigEndian: true));
    }

    private static void WriteBytes(CborEncoder encoder, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= MaxChunk)
        {
            encoder.WriteBytes(bytes);
            return;
        }

        encoder.WriteIndefiniteBytes();
        for (; bytes.Length > MaxChunk; bytes = bytes[MaxChunk..]) encoder.WriteBytes(bytes[..MaxChunk]);
        encoder.WriteBytes(bytes);
        encoder.WriteBreak();
    }
}
