namespace CardanoRwa.DevNet.Chain;

/// <summary>A transaction in a block: its bytes and the outputs it spent, in the order of its inputs. The parsed form is kept only while it is in use.</summary>
public sealed class BlockTx(Transaction transaction, IReadOnlyList<TxOut> spent)
{
    private Transaction? parsed = transaction;

    public Hash32 Id { get; } = transaction.Id;
    public ReadOnlyMemory<byte> Bytes { get; } = transaction.Bytes;
    public IReadOnlyList<TxOut> Spent { get; } = spent;

    public Transaction Read() => parsed ?? Transaction.Decode(Bytes);

    internal void Compact() => parsed = null;
}
