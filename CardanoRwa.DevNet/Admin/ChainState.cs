using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Blockfrost;
using CardanoRwa.DevNet.Faults;
using CardanoRwa.DevNet.Index;

namespace CardanoRwa.DevNet.Admin;

/// <summary>All that the page shows, at one moment.</summary>
internal static class ChainState
{
    private const int Shown = 12;

    internal static object Of(Node node, FaultPlan plan, FaultScript script) => node.Read(view => new
    {
        view.Clock.Slot,
        Epoch = NodeView.EpochOf(view.Clock.Slot),
        view.Clock.Speed,
        node.Mode,
        EveryMs = node.BlockEveryMilliseconds,
        FaucetAddress = Genesis.FaucetAddress(view.Seed).ToString(),
        Tip = Brief(view, view.Chain.Tip),
        IndexTip = view.Index.Tip.Height,
        RollbackLimit = view.Chain.RollbackLimit,
        UtxoCount = view.Chain.UtxoCount,
        AssetCount = view.Index.Assets.Count,
        Blocks = view.Chain.Newest(Shown).Select(b => Brief(view, b)).ToList(),
        Mempool = new
        {
            view.Mempool.Count,
            view.Mempool.Bytes,
            Limit = view.Options.MempoolBytes,
            Transactions = view.Mempool.InOrder.Take(Shown).Select(static c => Transaction(c.Transaction)).ToList(),
        },
        Recent = view.Chain.Newest(Shown).SelectMany(static b => b.Transactions.Reverse().Select(t => new { b.Height, Tx = Transaction(t.Read()) })).Take(Shown).ToList(),
        Assets = Last(view.Index.Assets.All).Select(Asset).ToList(),
        Faults = plan.Active,
        ScriptSteps = script.Left,
    });

    private static object Brief(NodeView view, Block block) => new
    {
        block.Height,
        block.Slot,
        Time = view.Clock.TimeOf(block.Slot),
        Hash = block.Hash.ToString(),
        TxCount = block.Transactions.Count,
        block.Size,
    };

    private static object Transaction(Transaction transaction) => new
    {
        Hash = transaction.Id.ToString(),
        Size = transaction.WireSize,
        Outputs = transaction.Body.Outputs.Count,
        Mints = transaction.Body.Mint.Take(3).Select(static m => new { Name = Name(m.Asset), Amount = Amounts.Text(m.Quantity) }).ToList(),
        MintCount = transaction.Body.Mint.Count,
    };

    private static object Asset(AssetEntry entry) => new
    {
        Unit = entry.Asset.ToString(),
        Name = Name(entry.Asset),
        Policy = entry.Asset.Policy.ToString(),
        entry.Asset.Fingerprint,
        Quantity = Amounts.Text(entry.Quantity),
        Holders = entry.Holders.Count,
        entry.Count,
    };

    private static IEnumerable<AssetEntry> Last(IReadOnlyList<AssetEntry> all)
    {
        for (var i = all.Count - 1; i >= Math.Max(0, all.Count - Shown); i--) yield return all[i];
    }

    private static string Name(AssetId asset)
    {
        var bytes = asset.Name.Bytes;
        return bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? asset.Name.ToString() : System.Text.Encoding.ASCII.GetString(bytes);
    }
}
