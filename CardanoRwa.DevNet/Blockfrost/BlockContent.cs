using CardanoRwa.DevNet.Chain;

namespace CardanoRwa.DevNet.Blockfrost;

public sealed record BlockContent(
    long Time, long Height, string Hash, ulong Slot, ulong Epoch, ulong EpochSlot, string SlotLeader, int Size, int TxCount, string? Output, string? Fees,
    string? BlockVrf, string? OpCert, string? OpCertCounter, string? PreviousBlock, string? NextBlock, long Confirmations)
{
    // There are no pools; one name stands for whoever would have made the blocks.
    private static readonly string Leader = Bech32.Encode("pool", Blake2b.Hash224("DevNet"u8).Bytes);
    private static readonly string Vrf = Bech32.Encode("vrf_vk", Blake2b.Hash256("DevNet"u8).Bytes);

    internal static BlockContent Of(NodeView view, Block block)
    {
        var empty = block.Transactions.Count == 0;
        return new BlockContent(
            view.Clock.TimeOf(block.Slot), block.Height, block.Hash.ToString(), block.Slot, NodeView.EpochOf(block.Slot), block.Slot % Genesis.EpochLength, Leader, block.Size, block.Transactions.Count,
            empty ? null : Amounts.Text(block.Output), empty ? null : Amounts.Text(block.Fees), Vrf, null, null,
            block.Previous?.ToString(), view.Index.Find(block.Height + 1)?.Hash.ToString(), view.Index.Tip.Height - block.Height);
    }
}
