using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Tests.DevNet;

public sealed class PersistenceTests : IDisposable
{
    private static readonly TestWallet Wallet = new(1);
    private readonly string folder = Directory.CreateTempSubdirectory("devnet-").FullName;

    [Fact]
    public void Restart_has_the_same_blocks_mempool_forks_and_clock()
    {
        string before;
        using (var node = Start())
        {
            var coin = Fund(node);
            var mint = Wallet.Mint(coin);
            Submit(node, mint);
            node.Forge(2);
            node.Rollback(2, RollbackFate.Mempool);
            node.Forge();
            node.Rollback(1, RollbackFate.Invalid);
            node.ChangeClock(500, null);
            Submit(node, Wallet.Pay(Wallet.Coin(0) with { Input = new TxIn(node.Read(static v => v.Chain.Tip.Transactions[0].Id), 0), Output = node.Read(static v => v.Chain.Tip.Transactions[0].Read().Body.Outputs[0]) }, Wallet.Address, 2_000_000));
            before = Describe(node);
        }

        using var again = Start();
        Assert.Equal(before, Describe(again));
        again.Forge();
        Assert.Single(again.Read(static v => v.Chain.Tip.Transactions));
    }

    [Fact]
    public void Torn_last_record_is_cut_away_wherever_it_was_torn()
    {
        var path = Path.Combine(folder, ChainLog.FileName);
        string whole;
        long length;
        using (var node = Start())
        {
            Submit(node, Wallet.Mint(Fund(node)));
            whole = Describe(node);
            length = new FileInfo(path).Length;
            node.Forge();
        }

        var bytes = File.ReadAllBytes(path);
        Assert.True(bytes.Length > length);
        for (var size = length; size < bytes.Length; size++)
        {
            File.WriteAllBytes(path, bytes[..(int)size]);
            using var node = Start();
            Assert.Equal(whole, Describe(node));
            Assert.Equal(length, new FileInfo(path).Length);
            Assert.Equal(size > length, File.Exists(path + ".torn"));
        }

        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        using (var node = Start()) Assert.Equal(whole, Describe(node));
        using (var node = Start())
        {
            node.Forge();
            Assert.Single(node.Read(static v => v.Chain.Tip.Transactions));
        }
    }

    [Fact]
    public void Reset_starts_anew_and_stays_so()
    {
        using (var node = Start())
        {
            Fund(node);
            node.Reset();
            Assert.Equal(0, node.Read(static v => v.Chain.Tip.Height));
        }

        using var again = Start();
        Assert.Equal((0, 100), again.Read(static v => ((int)v.Chain.Tip.Height, v.Chain.UtxoCount)));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Node Start() => new(Options.Create(new DevNetOptions { Mode = BlockMode.Manual, DataFolder = folder }), TimeProvider.System, NullLogger<Node>.Instance);

    private static Utxo Fund(Node node)
    {
        var grant = Assert.IsType<SubmitOutcome.Accepted>(node.Grant(new FaucetRequest(Wallet.Address, 100_000_000, 1)));
        node.Forge();
        return new Utxo(new TxIn(grant.Id, 0), new TxOut(Wallet.Address, CardanoRwa.Cardano.Assets.Value.OfCoin(100_000_000)));
    }

    private static void Submit(Node node, Transaction transaction) => Assert.IsType<SubmitOutcome.Accepted>(node.Submit(transaction.Bytes));

    private static string Describe(Node node) => node.Read(static v =>
        $"{v.Chain.Tip.Hash} at {v.Chain.Tip.Height}, {v.Chain.UtxoCount} outputs, waiting {string.Join(',', v.Chain.Mempool.InOrder.Select(static c => c.Id))}, index {v.Index.Tip.Hash}, start {v.Clock.SystemStart:O}, minute {v.Clock.Slot / 60}, assets {string.Join(',', v.Index.Assets.All.Select(static a => $"{a.Asset} {a.Quantity}"))}");
}
