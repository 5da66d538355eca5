using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Cbor;

namespace CardanoRwa.Tests.DevNet;

internal static class ByronAddresses
{
    /// <summary>An address of a test network whose derivation path has so many bytes.</summary>
    internal static Address Testnet(int pathBytes)
    {
        var payload = CborEncoder.Encode(pathBytes, static (encoder, length) =>
        {
            encoder.WriteArray(3);
            encoder.WriteBytes(new byte[28]);
            encoder.WriteMap(2);
            encoder.WriteUInt(1);
            encoder.WriteBytes(CborEncoder.Encode(length, static (inner, n) => inner.WriteBytes(new byte[n])));
            encoder.WriteUInt(2);
            encoder.WriteBytes([1]);
            encoder.WriteUInt(0);
        });
        return Address.FromBytes(CborEncoder.Encode(payload, static (encoder, bytes) =>
        {
            encoder.WriteArray(2);
            encoder.WriteTag(CborTag.EncodedCbor);
            encoder.WriteBytes(bytes);
            encoder.WriteUInt(Crc32(bytes));
        }));
    }

    private static uint Crc32(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
        }

        return ~crc;
    }
}
