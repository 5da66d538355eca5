namespace CardanoRwa.Cardano.Addresses;

/// <summary>The parts of a Byron address that still matter: its network and how large its attributes are.</summary>
internal readonly record struct ByronAddress(CardanoNetwork Network, int AttributesSize)
{
    private const ulong DerivationPathAttribute = 1;
    private const ulong NetworkMagicAttribute = 2;

    /// <summary><c>[24(payload), crc32(payload)]</c> with payload <c>[root28, attributes, type]</c>.</summary>
    public static ByronAddress Read(ReadOnlySpan<byte> raw)
    {
        var outer = new CborDecoder(raw);
        var pair = outer.ReadRecord(2);
        if (!outer.TryReadTag(CborTag.EncodedCbor)) throw outer.Error("A Byron address starts with tag 24");
        var payload = outer.ReadDefiniteBytes();
        var checksum = outer.ReadUInt(uint.MaxValue);
        outer.EndRecord(pair);
        outer.End();
        if (Crc32(payload) != checksum) throw outer.Error("The checksum of a Byron address does not match");
        return ReadPayload(payload);
    }

    private static ByronAddress ReadPayload(ReadOnlySpan<byte> payload)
    {
        var reader = new CborDecoder(payload);
        var fields = reader.ReadRecord(3);
        reader.ReadFixedBytes(Hash28.Size);
        var network = CardanoNetwork.Mainnet;
        var size = 0;
        for (var pairs = reader.ReadMap(); reader.More(ref pairs);)
        {
            var key = reader.ReadUInt(byte.MaxValue);
            var value = reader.ReadDefiniteBytes();
            if (key == NetworkMagicAttribute) network = CardanoNetwork.Testnet;
            else if (key == DerivationPathAttribute) size += new CborDecoder(value).ReadBytes().Length;
            else size += value.Length;
        }

        reader.ReadUInt(2);
        reader.EndRecord(fields);
        reader.End();
        return new ByronAddress(network, size);
    }

    // CRC-32 (IEEE 802.3), bit by bit: a Byron address is some 40 bytes.
    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++) crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320);
        }

        return ~crc;
    }
}
