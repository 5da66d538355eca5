namespace CardanoRwa.Cardano.Keys;

/// <summary>The COSE headers (RFC 9052) and key parameters (RFC 9053) that CIP-8 and CIP-30 use.</summary>
internal readonly record struct CoseHeader(long? Algorithm, byte[]? KeyId, byte[]? Address, bool Hashed)
{
    private const long AlgorithmLabel = 1;
    private const long KeyIdLabel = 4;
    private const long KeyType = 1;
    private const long KeyAlgorithm = 3;
    private const long Curve = -1;
    private const long X = -2;
    private const long OctetKeyPair = 1;
    private const long EdDsa = -8;
    private const long Ed25519 = 6;

    internal static CoseHeader Read(ReadOnlySpan<byte> map)
    {
        if (map.IsEmpty) return default;
        var reader = new CborDecoder(map);
        var header = ReadUnprotected(ref reader);
        reader.End();
        return header;
    }

    internal static CoseHeader ReadUnprotected(ref CborDecoder reader)
    {
        var header = new CoseHeader();
        for (var pairs = reader.ReadMap(); reader.More(ref pairs);)
        {
            if (reader.Peek() == CborKind.Text)
            {
                switch (reader.ReadText())
                {
                    case "address": header = header with { Address = reader.ReadBytes().ToArray() }; break;
                    case "hashed": header = header with { Hashed = reader.ReadBoolean() }; break;
                    default: reader.Skip(); break;
                }

                continue;
            }

            switch (reader.ReadInt64())
            {
                case AlgorithmLabel: header = header with { Algorithm = reader.ReadInt64() }; break;
                case KeyIdLabel: header = header with { KeyId = reader.ReadBytes().ToArray() }; break;
                default: reader.Skip(); break;
            }
        }

        return header;
    }

    internal static byte[] Write(Address address)
    {
        using var encoder = CborEncoder.Rent();
        encoder.WriteMap(2);
        encoder.WriteInteger(AlgorithmLabel);
        encoder.WriteInteger(EdDsa);
        encoder.WriteText("address");
        encoder.WriteBytes(address.Bytes);
        return encoder.Written.ToArray();
    }

    internal static PublicKey ReadKey(ReadOnlySpan<byte> coseKey)
    {
        var reader = new CborDecoder(coseKey);
        PublicKey? key = null;
        for (var pairs = reader.ReadMap(); reader.More(ref pairs);)
        {
            if (reader.Peek() == CborKind.Text)
            {
                reader.Skip();
                reader.Skip();
                continue;
            }

            switch (reader.ReadInt64())
            {
                case KeyType: Expect(ref reader, OctetKeyPair); break;
                case KeyAlgorithm: Expect(ref reader, EdDsa); break;
                case Curve: Expect(ref reader, Ed25519); break;
                case X: key = new PublicKey(reader.ReadFixedBytes(PublicKey.Size)); break;
                default: reader.Skip(); break;
            }
        }

        reader.End();
        return key ?? throw reader.Error("The COSE key has no x");
    }

    private static void Expect(ref CborDecoder reader, long value)
    {
        if (reader.ReadInt64() != value) throw reader.Error("The COSE key is not Ed25519");
    }
}
