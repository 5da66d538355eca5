using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Ledger;

namespace CardanoRwa.Tests.DevNet;

/// <summary>Mempool, blocks and forks, without any clock or network.</summary>
public class BlockchainTests
{
    private const ulong Slot = 1000;
    private static readonly TestWallet Wallet = new(1);

    [Fact]
    public void Chained_transactions_are_accepted_and_included_together()
    {
        var chain = Funded(out var coins);
        var first = Wallet.Mint(coins[0], "a");
        var second = Wallet.Pay(TestWallet.Output(first, 0), Wallet.Address, 3_000_000);

        Accept(chain, first, second);
        chain.Forge(Slot);

        Assert.Equal([first.Id, second.Id], chain.Tip.Transactions.Select(static t => t.Id));
        Assert.Equal(0, chain.Mempool.Count);
    }

    [Fact]
    public void Child_before_its_parent_has_bad_inputs()
    {
        var chain = Funded(out var coins);
        var parent = Wallet.Mint(coins[0]);
        var child = Wallet.Pay(TestWallet.Output(parent, 0), Wallet.Address, 3_000_000);

        Assert.Contains("BadInputsUTxO", Refusal(chain, child));
    }

    [Fact]
    public void Included_and_pending_transactions_and_their_rivals_are_told_alike()
    {
        var chain = Funded(out var coins);
        var mint = Wallet.Mint(coins[0], "a");
        var rival = Wallet.Mint(coins[0], "b");
        Accept(chain, mint);

        Assert.Equal(["ConwayMempoolFailure"], Refusal(chain, mint));
        Assert.Equal(["ConwayMempoolFailure"], Refusal(chain, rival));
        chain.Forge(Slot);
        Assert.Equal(["ConwayMempoolFailure"], Refusal(chain, mint));
        Assert.Equal(["ConwayMempoolFailure"], Refusal(chain, rival));
    }

    [Fact]
    public void Expired_transaction_is_evicted_with_those_that_hang_on_it()
    {
        var chain = Funded(out var coins);
        var expiring = Wallet.Mint(coins[0], "a", validity: new ValidityInterval(null, Slot + 5));
        var child = Wallet.Pay(TestWallet.Output(expiring, 0), Wallet.Address, 3_000_000);
        var other = Wallet.Mint(coins[1], "b");
        Accept(chain, expiring, child, other);

        chain.Forge(Slot + 5);

        Assert.Equal([other.Id], chain.Tip.Transactions.Select(static t => t.Id));
        Assert.Equal(0, chain.Mempool.Count);
    }

    [Fact]
    public void Block_holds_at_most_90112_bytes_and_the_rest_waits()
    {
        var chain = Funded(out var coins);
        var previous = coins[0];
        for (var i = 0; i < 400; i++)
        {
            var mint = Wallet.Mint(previous, $"token {i % 3}", plan: new TransactionPlan { ChangeAddress = Wallet.Address });
            Accept(chain, mint);
            previous = TestWallet.Output(mint, 0);
        }

        chain.Forge(Slot);
        var (size, waiting) = (chain.Tip.Size, chain.Mempool.InOrder.First().Transaction);

        Assert.InRange(size, 90112 - waiting.WireSize, 90112);
        while (chain.Mempool.Count > 0) chain.Forge(Slot);
        Assert.Equal(400, chain.Blocks.Skip(2).Sum(static b => b.Transactions.Count));
    }

    [Fact]
    public void Full_mempool_takes_no_more_until_a_block()
    {
        var chain = Funded(out var coins, new DevNetOptions { MempoolBytes = 16384 });
        var previous = coins[0];
        SubmitOutcome outcome;
        do
        {
            var pay = Wallet.Pay(previous, Wallet.Address, 2_000_000);
            outcome = chain.Submit(Candidate.Verify(pay), Slot);
            if (outcome is SubmitOutcome.Accepted) previous = TestWallet.Output(pay, 1);
        }
        while (outcome is SubmitOutcome.Accepted);

        Assert.IsType<SubmitOutcome.MempoolFull>(outcome);
        chain.Forge(Slot);
        Accept(chain, Wallet.Pay(previous, Wallet.Address, 2_000_000));
    }

    [Theory]
    [InlineData(RollbackFate.Mempool)]
    [InlineData(RollbackFate.Vanish)]
    [InlineData(RollbackFate.Invalid)]
    public void Rolled_back_transactions_meet_their_fate(RollbackFate fate)
    {
        var chain = Funded(out var coins);
        var mint = Wallet.Mint(coins[0], "a");
        var child = Wallet.Pay(TestWallet.Output(mint, 0), Wallet.Address, 3_000_000);
        Accept(chain, mint);
        chain.Forge(Slot);
        var first = chain.Tip.Hash;
        Accept(chain, child);
        chain.Forge(Slot);

        var changes = chain.Rollback(2, fate, Slot);

        Assert.Equal(2, changes.Count(static c => c.Kind == ChainChangeKind.RolledBack));
        Assert.Equal(fate == RollbackFate.Mempool ? [mint.Id, child.Id] : [], chain.Mempool.InOrder.Select(static c => c.Id));
        if (fate == RollbackFate.Invalid)
        {
            Assert.Equal([coins[0].Input], chain.Tip.Transactions.Select(static t => t.Read().Body.Inputs[0]));
            Assert.Equal(["ConwayMempoolFailure"], Refusal(chain, mint));
            Assert.Contains("BadInputsUTxO", Refusal(chain, child));
            return;
        }

        if (fate == RollbackFate.Vanish) Accept(chain, mint, child);
        chain.Forge(Slot);
        Assert.Equal([mint.Id, child.Id], chain.Tip.Transactions.Select(static t => t.Id));
        Assert.NotEqual(first, chain.Tip.Hash);
    }

    [Fact]
    public void Rollback_evicts_what_was_waiting_on_lost_outputs()
    {
        var chain = Funded(out var coins);
        var mint = Wallet.Mint(coins[0]);
        Accept(chain, mint);
        chain.Forge(Slot);
        Accept(chain, Wallet.Pay(TestWallet.Output(mint, 0), Wallet.Address, 3_000_000));

        chain.Rollback(1, RollbackFate.Vanish, Slot);

        Assert.Equal(0, chain.Mempool.Count);
    }

    [Fact]
    public void Deep_rollback_restores_the_outputs_of_then()
    {
        var chain = Funded(out var coins);
        var (height, utxos) = (chain.Tip.Height, chain.UtxoCount);
        var previous = coins[0];
        for (var i = 0; i < 2160; i++)
        {
            if (i % 20 == 0)
            {
                var pay = Wallet.Pay(previous, Wallet.Address, 1_000_000);
                Accept(chain, pay);
                previous = TestWallet.Output(pay, 1);
            }

            chain.Forge(Slot);
        }

        chain.Rollback(2160, RollbackFate.Vanish, Slot);

        Assert.Equal((height, utxos), (chain.Tip.Height, chain.UtxoCount));
        Accept(chain, Wallet.Mint(coins[0]));
    }

    [Fact]
    public void Same_calls_give_the_same_chain()
    {
        static Hash32 Run()
        {
            var chain = Funded(out var coins);
            Accept(chain, Wallet.Mint(coins[0], "a"), Wallet.Mint(coins[1], "b"));
            chain.Forge(Slot);
            chain.Rollback(1, RollbackFate.Mempool, Slot);
            chain.Forge(Slot + 1);
            return chain.Tip.Hash;
        }

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void History_beyond_its_bound_is_forgotten_and_the_ledger_stays()
    {
        var chain = Funded(out var coins, new DevNetOptions { HistoryMegabytes = 1 });
        for (var i = 0; i < 5000; i++) chain.Forge(Slot);

        Assert.InRange(chain.RollbackLimit, 1000, 2100);
        Accept(chain, Wallet.Mint(coins[0]));
    }

    [Fact]
    public void Slots_are_drawn_with_their_chance_and_the_same_each_time()
    {
        var lottery = new SlotLottery(42, 0.05);
        var won = Enumerable.Range(0, 200_000).Where(s => lottery.Wins((ulong)s)).ToList();
        var gaps = won.Zip(won.Skip(1), static (a, b) => b - a).ToList();

        Assert.InRange(won.Count, 9_500, 10_500);
        Assert.InRange(gaps.Average(), 19, 21);
        Assert.InRange(gaps.Count(static g => g > 60) / (double)gaps.Count, 0.03, 0.065);
        Assert.Equal(won, Enumerable.Range(0, 200_000).Where(s => new SlotLottery(42, 0.05).Wins((ulong)s)));
        Assert.NotEqual(won, Enumerable.Range(0, 200_000).Where(s => new SlotLottery(43, 0.05).Wins((ulong)s)));
    }

    private static Blockchain Funded(out Utxo[] coins, DevNetOptions? options = null)
    {
        const int Seed = 7;
        var chain = new Blockchain(new LedgerRules(TestWallet.Parameters, CardanoNetwork.Testnet), options ?? new DevNetOptions(), Seed);
        var genesis = TestWallet.Output(chain.Tip.Transactions[0].Read(), 0);
        using var key = Genesis.FaucetKey(Seed);
        var plan = new TransactionPlan
        {
            ChangeAddress = genesis.Output.Address,
            Outputs = [.. Enumerable.Repeat(new TxOut(Wallet.Address, Value.OfCoin(1_000_000_000)), 5)],
            Inputs = [genesis],
        };
        var grant = new TransactionBuilder(TestWallet.Parameters).Build(plan, [genesis]).Unwrap().Sign(key);
        Accept(chain, grant);
        chain.Forge(Slot);
        coins = [.. Enumerable.Range(0, 5).Select(i => TestWallet.Output(grant, i))];
        return chain;
    }

    private static void Accept(Blockchain chain, params Transaction[] transactions)
    {
        foreach (var transaction in transactions) Assert.IsType<SubmitOutcome.Accepted>(chain.Submit(Candidate.Verify(transaction), Slot));
    }

    private static IEnumerable<string> Refusal(Blockchain chain, Transaction transaction) =>
        Assert.IsType<SubmitOutcome.Refused>(chain.Submit(Candidate.Verify(transaction), Slot)).Faults.Select(static f => f.Name);
}
