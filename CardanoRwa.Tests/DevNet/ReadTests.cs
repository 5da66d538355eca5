using CardanoRwa.Cardano.Building;

namespace CardanoRwa.Tests.DevNet;

public class ReadTests
{
    private static readonly TestWallet Wallet = new(1);

    [Fact]
    public async Task Unused_address_is_not_found_and_an_emptied_one_is_empty()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var other = new TestWallet(2);
        Assert.Equal(404, await devNet.StatusAsync($"/addresses/{Wallet.Address}/utxos"));
        var funds = await devNet.FundAsync(Wallet.Address);

        await devNet.AcceptAsync(Wallet.Sign(new TransactionPlan { ChangeAddress = other.Address }, funds));
        devNet.Node.Forge();

        Assert.Equal((200, "[]"), await TextAsync(devNet, $"/addresses/{Wallet.Address}/utxos"));
        Assert.Equal(400, await devNet.StatusAsync("/addresses/addr_test1nonsense/utxos"));
    }

    [Fact]
    public async Task Pages_go_both_ways_and_end_empty()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var funds = await devNet.FundAsync(Wallet.Address, 105, 2_000_000);
        var path = $"/addresses/{Wallet.Address}/utxos";

        Assert.Equal(Indexes(0, 100), await IndexesAsync(devNet, path));
        Assert.Equal(Indexes(100, 5), await IndexesAsync(devNet, $"{path}?page=2"));
        Assert.Equal([104, 103], await IndexesAsync(devNet, $"{path}?count=2&order=desc"));
        Assert.Equal((200, "[]"), await TextAsync(devNet, $"{path}?page=3"));
        Assert.Equal(105, funds.Length);
        foreach (var bad in new[] { "count=0", "count=101", "count=x", "page=0", "order=up" }) Assert.Equal(400, await devNet.StatusAsync($"{path}?{bad}"));
    }

    [Fact]
    public async Task Mints_and_burns_show_in_supply_holders_and_history()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var funds = await devNet.FundAsync(Wallet.Address);
        var mint = Wallet.Mint(funds[0], "Certificate", 5);
        var burn = Wallet.Mint(TestWallet.Output(mint, 0), "Certificate", -2);
        var unit = mint.Body.Mint[0].Asset;
        await devNet.AcceptAsync(mint);
        await devNet.AcceptAsync(burn);
        devNet.Node.Forge();

        var asset = (await devNet.GetAsync($"/assets/{unit}")).Body!;
        Assert.Equal(("3", 2, mint.Id.ToString(), unit.Fingerprint), ((string)asset["quantity"]!, (int)asset["mint_or_burn_count"]!, (string)asset["initial_mint_tx_hash"]!, (string)asset["fingerprint"]!));
        Assert.Equal((200, $"[{{\"address\":\"{Wallet.Address}\",\"quantity\":\"3\"}}]"), await TextAsync(devNet, $"/assets/{unit}/addresses"));
        var history = (await devNet.GetAsync($"/assets/{unit}/history")).Body!.AsArray();
        Assert.Equal(["minted 5", "burned -2"], history.Select(static e => $"{e!["action"]} {e["amount"]}"));
        Assert.Equal((200, $"[{{\"asset\":\"{unit}\",\"quantity\":\"3\"}}]"), await TextAsync(devNet, $"/assets/policy/{unit.Policy}"));
        Assert.Single((await devNet.GetAsync($"/addresses/{Wallet.Address}/utxos/{unit}")).Body!.AsArray());
        Assert.Equal(mint.Id.ToString(), (string?)(await devNet.GetAsync($"/txs/{burn.Id}/utxos")).Body!["inputs"]![0]!["tx_hash"]);
        Assert.Equal(burn.Id.ToString(), (string?)(await devNet.GetAsync($"/txs/{mint.Id}/utxos")).Body!["outputs"]![0]!["consumed_by_tx"]);
    }

    [Fact]
    public async Task Rollback_takes_an_asset_out_of_the_index_and_a_block_brings_it_back()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0]);
        var unit = mint.Body.Mint[0].Asset;
        await devNet.AcceptAsync(mint);
        devNet.Node.Forge();
        var before = (string)(await devNet.GetAsync($"/txs/{mint.Id}")).Body!["block"]!;

        await devNet.AdminAsync("rollback", new { blocks = 1, fate = "mempool" });

        Assert.Equal((404, 404), (await devNet.StatusAsync($"/txs/{mint.Id}"), await devNet.StatusAsync($"/assets/{unit}")));
        Assert.Single((await devNet.GetAsync($"/addresses/{Wallet.Address}/utxos")).Body!.AsArray());
        devNet.Node.Forge(2);
        Assert.NotEqual(before, (string)(await devNet.GetAsync($"/txs/{mint.Id}")).Body!["block"]!);
        Assert.Equal(200, await devNet.StatusAsync($"/assets/{unit}"));
    }

    [Fact]
    public async Task Paths_answer_at_the_root_and_below_api_v0_and_double_slashes_collapse()
    {
        await using var devNet = await DevNetHost.StartAsync();

        foreach (var path in new[] { "/blocks/latest", "//blocks//latest", "/api/v0/blocks/latest", "/api/v0//blocks/latest", "/genesis", "/api/v0/health" }) Assert.Equal(200, await devNet.StatusAsync(devNet.Url + path));
        var (status, body) = await devNet.GetAsync("/no/such/path");
        Assert.Equal((400, 400), (status, (int)body!["status_code"]!));
    }

    [Fact]
    public async Task Health_speaks_to_probes_and_to_clients_of_blockfrost()
    {
        await using var devNet = await DevNetHost.StartAsync();
        using var client = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { "project_id", "any" } } };

        Assert.Equal("Healthy", await devNet.Client.GetStringAsync("/health"));
        Assert.Equal("{\"is_healthy\":true}", await (await devNet.Client.SendAsync(client)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Parameters_tell_every_deposit_and_the_byte_price_under_all_its_names()
    {
        await using var devNet = await DevNetHost.StartAsync();

        var parameters = (await devNet.GetAsync("/epochs/latest/parameters")).Body!;

        Assert.Equal(["4310", "4310"], new[] { "coins_per_utxo_size", "coins_per_utxo_word" }.Select(n => (string)parameters[n]!));
        Assert.All(new[] { "key_deposit", "pool_deposit", "drep_deposit", "gov_action_deposit" }, n => Assert.True(ulong.Parse((string)parameters[n]!) > 0));
        Assert.Equal((44, 155381, 16384, 90112), ((int)parameters["min_fee_a"]!, (int)parameters["min_fee_b"]!, (int)parameters["max_tx_size"]!, (int)parameters["max_block_size"]!));
        Assert.NotEmpty(parameters["cost_models_raw"]!["PlutusV3"]!.AsArray());
    }

    private static IEnumerable<int> Indexes(int start, int count) => Enumerable.Range(start, count);

    private static async Task<IEnumerable<int>> IndexesAsync(DevNetHost devNet, string path) =>
        (await devNet.GetAsync(path)).Body!.AsArray().Select(static u => (int)u!["output_index"]!);

    private static async Task<(int, string)> TextAsync(DevNetHost devNet, string path)
    {
        using var response = await devNet.Client.GetAsync(path);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
