using CardanoRwa.Cardano.Blockfrost;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Cardano.Transactions;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.DevNet;

/// <summary>The library's own provider over the development chain, resilience and all.</summary>
public class ProviderTests
{
    private static readonly TestWallet Wallet = new(1);

    [Fact]
    public async Task Provider_follows_a_mint_through_mempool_block_and_fork()
    {
        await using var devNet = await DevNetHost.StartAsync();
        await using var services = Connect(devNet);
        var provider = services.GetRequiredService<BlockfrostProvider>();
        Assert.Empty(await provider.GetUtxosAsync(Wallet.Address));
        var funds = await devNet.FundAsync(Wallet.Address);
        var mint = Wallet.Mint(funds[0], "Certificate", 5);
        var asset = mint.Body.Mint[0].Asset;

        Assert.Equal(funds[0].Input, Assert.Single(await provider.GetUtxosAsync(Wallet.Address)).Input);
        Assert.Equal(TestWallet.Parameters.MinFee(300), (await provider.GetProtocolParametersAsync()).MinFee(300));
        Assert.Equal(mint.Id, Assert.IsType<SubmitOutcome.Accepted>(await provider.SubmitAsync(mint)).TransactionId);
        Assert.Equal(TransactionState.Pending, (await provider.GetStatusAsync(mint.Id)).State);
        devNet.Node.Forge();
        Assert.Equal(TransactionState.InBlock, (await provider.GetStatusAsync(mint.Id)).State);
        Assert.Equal((5, 1), ((int)(await provider.GetAssetAsync(asset))!.Supply, (await provider.GetAssetAsync(asset))!.MintOrBurnCount));
        Assert.Equal(mint.Bytes.ToArray(), (await provider.GetTransactionAsync(mint.Id))!.Bytes.ToArray());
        Assert.Equal(Wallet.Policy, await provider.GetNativeScriptAsync(Wallet.Policy.Hash));

        await devNet.AdminAsync("rollback", new { blocks = 1, fate = "vanish" });

        Assert.Equal(TransactionState.Unknown, (await provider.GetStatusAsync(mint.Id)).State);
        Assert.IsType<SubmitOutcome.Accepted>(await provider.SubmitAsync(mint));
    }

    [Fact]
    public async Task Provider_reads_every_reason_of_a_refusal_with_its_numbers()
    {
        await using var devNet = await DevNetHost.StartAsync();
        await using var services = Connect(devNet);
        var payment = Wallet.Pay((await devNet.FundAsync(Wallet.Address))[0], Wallet.Address, 5_000_000);
        var bad = Wallet.Change(payment, fee: 1000).ReplaceWitnesses(WitnessSet.Empty);

        var refused = Assert.IsType<SubmitOutcome.Refused>(await services.GetRequiredService<ICardanoProvider>().SubmitAsync(bad));

        Assert.Equal([LedgerRule.FeeTooSmallUTxO, LedgerRule.MissingVKeyWitnessesUTXOW], refused.Reasons.Select(static r => r.Rule));
        Assert.Equal((1000L, (long)TestWallet.Parameters.MinFee(bad.LedgerSize)), (refused.Reasons[0].Supplied, refused.Reasons[0].Expected));
    }

    [Theory]
    [InlineData("status", 429)]
    [InlineData("status", 500)]
    [InlineData("timeout", 500)]
    public async Task Provider_gets_a_transaction_through_faults_without_doubling_it(string kind, int status)
    {
        await using var devNet = await DevNetHost.StartAsync();
        await using var services = Connect(devNet);
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0]);
        await devNet.AdminAsync("faults", new { kind, status, path = "/tx/submit", times = 2, milliseconds = 10 });

        var outcome = await services.GetRequiredService<ICardanoProvider>().SubmitAsync(mint);

        // After a time-out the same bytes are answered as spent, which is no refusal: the transaction is its own rival.
        if (outcome is SubmitOutcome.Refused refused) Assert.True(kind == "timeout" && refused.Reasons.All(static r => r.InputsAreGone), refused.ToString());
        devNet.Node.Forge();
        Assert.Equal([mint.Id], devNet.Node.Read(static v => v.Chain.Tip.Transactions.Select(static t => t.Id).ToList()));
    }

    private static ServiceProvider Connect(DevNetHost devNet)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddBlockfrost(options =>
        {
            options.Url = new Uri($"{devNet.Url}/api/v0");
            options.RetryDelay = TimeSpan.FromMilliseconds(20);
        });
        return services.BuildServiceProvider();
    }
}
