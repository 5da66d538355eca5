namespace CardanoRwa.DevNet.Chain;

public sealed record Block(long Height, ulong Slot, Hash32 Hash, Hash32? Previous, int Size, ulong Fees, Int128 Output, IReadOnlyList<BlockTx> Transactions)
{
    // What a block without transactions counts against the history: its share of the indexes, roughly.
    private const int Overhead = 512;

    internal long HistorySize => Overhead + Transactions.Sum(static t => (long)t.Bytes.Length);

    /// <summary>Where on a fork the same transactions come again at the same height and slot, the hash must still be another.</summary>
    internal static Block Make(Block? parent, ulong slot, uint fork, IReadOnlyList<BlockTx> transactions)
    {
        var height = parent is null ? 0 : parent.Height + 1;
        using var header = CborEncoder.Rent();
        header.WriteArray(4 + transactions.Count);
        header.WriteBytes(parent is null ? [] : parent.Hash.Bytes);
        header.WriteUInt((ulong)height);
        header.WriteUInt(slot);
        header.WriteUInt(fork);
        foreach (var transaction in transactions) header.WriteBytes(transaction.Id.Bytes);

        var size = new BlockSize();
        ulong fees = 0;
        Int128 output = 0;
        foreach (var transaction in transactions)
        {
            var read = transaction.Read();
            size = size.With(read);
            fees += read.Body.Fee;
            foreach (var made in read.Body.Outputs) output += made.Value.Coin;
        }

        return new Block(height, slot, Blake2b.Hash256(header.Written), parent?.Hash, size.Bytes, fees, output, transactions);
    }
}
