namespace CardanoRwa.Cardano.Transactions;

/// <summary>Conway sets: an array, optionally under tag 258.</summary>
internal static class SetCodec
{
    internal static bool ReadTag(ref CborDecoder reader) => reader.TryReadTag(CborTag.Set);

    internal static int HeadSize(int count, bool tag) => (tag ? CborEncoder.HeadSize(CborTag.Set) : 0) + CborEncoder.HeadSize((ulong)count);

    internal static void WriteHead(CborEncoder encoder, int count, bool tag)
    {
        if (tag) encoder.WriteTag(CborTag.Set);
        encoder.WriteArray(count);
    }
}
