using System.Diagnostics;
using CardanoRwa.DevNet.Chain;
using CardanoRwa.DevNet.Faults;
using Microsoft.Extensions.Time.Testing;

namespace CardanoRwa.Tests.DevNet;

public class FaultTests
{
    private static readonly TestWallet Wallet = new(1);

    [Theory]
    [InlineData(402)]
    [InlineData(418)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task Status_strikes_as_often_as_told_and_only_its_path(int status)
    {
        await using var devNet = await DevNetHost.StartAsync();
        await devNet.AdminAsync("faults", new { kind = "status", status, path = "/blocks", times = 2, retry_after = 1 });

        Assert.Equal(200, await devNet.StatusAsync("/genesis"));
        var (struck, body) = await devNet.GetAsync("/blocks/latest");
        Assert.Equal((status, status), (struck, (int)body!["status_code"]!));
        Assert.Equal(status, await devNet.StatusAsync("/api/v0/blocks/latest"));
        Assert.Equal(200, await devNet.StatusAsync("/blocks/latest"));
    }

    [Fact]
    public async Task Full_mempool_strikes_submissions_alone_and_nothing_was_done()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0]);
        await devNet.AdminAsync("faults", new { kind = "status", status = 425 });

        Assert.Equal(200, await devNet.StatusAsync("/blocks/latest"));
        Assert.Equal(425, (int)(await devNet.SubmitAsync(mint)).StatusCode);
        await devNet.Client.DeleteAsync("/devnet/faults");
        await devNet.AcceptAsync(mint);
    }

    [Fact]
    public async Task Timeout_comes_after_the_transaction_was_accepted()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0]);
        await devNet.AdminAsync("faults", new { kind = "timeout", path = "/tx/submit", times = 1, milliseconds = 50 });

        await Assert.ThrowsAsync<HttpRequestException>(() => devNet.SubmitAsync(mint));

        Assert.Equal(200, await devNet.StatusAsync($"/mempool/{mint.Id}"));
        Assert.Contains("All inputs are spent", await (await devNet.SubmitAsync(mint)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Delay_holds_the_answer_back()
    {
        await using var devNet = await DevNetHost.StartAsync();
        await devNet.AdminAsync("faults", new { kind = "delay", milliseconds = 300, times = 1 });
        var watch = Stopwatch.StartNew();

        Assert.Equal(200, await devNet.StatusAsync("/genesis"));

        Assert.True(watch.ElapsedMilliseconds >= 290, $"{watch.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task Stale_index_neither_shows_a_block_nor_the_mempool_a_transaction_for_a_while()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using var devNet = await DevNetHost.StartAsync(time);
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0]);
        await devNet.AdminAsync("faults", new { kind = "stale", milliseconds = 30_000 });
        await devNet.AcceptAsync(mint);
        devNet.Node.Forge();

        Assert.Equal((404, 404), (await devNet.StatusAsync($"/txs/{mint.Id}"), await devNet.StatusAsync($"/mempool/{mint.Id}")));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(200, await devNet.StatusAsync($"/txs/{mint.Id}"));
    }

    [Fact]
    public async Task Script_takes_its_steps_at_their_time()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using var devNet = await DevNetHost.StartAsync(time);
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0]);
        await devNet.AcceptAsync(mint);
        var script = devNet.Get<FaultScript>();
        await devNet.AdminAsync("script", new object[]
        {
            new { after_ms = 1000, blocks = 1 },
            new { after_ms = 2000, rollback = new { blocks = 1, fate = "vanish" } },
            new { after_ms = 3000, fault = new { kind = "status", status = 500 } },
            new { after_ms = 4000, clear = true },
        });

        var seen = new List<int>();
        for (var second = 0; second < 5; second++)
        {
            script.RunDue();
            seen.Add(await devNet.StatusAsync($"/txs/{mint.Id}"));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([404, 200, 404, 500, 404], seen);
    }

    [Fact]
    public async Task Nonsense_is_refused_with_what_would_be_right()
    {
        await using var devNet = await DevNetHost.StartAsync();
        using var response = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(devNet.Client, "/devnet/faults", new { kind = "status", status = 999 });

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("425", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public void Slots_of_a_fake_hour_give_the_blocks_of_the_lottery()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        using var node = new Node(Microsoft.Extensions.Options.Options.Create(new DevNetOptions { Mode = BlockMode.Slots }), time, Microsoft.Extensions.Logging.Abstractions.NullLogger<Node>.Instance);
        var start = node.Read(static v => v.Clock.Slot);
        var lottery = new SlotLottery(42, 0.05);

        time.Advance(TimeSpan.FromHours(1));
        node.Tick();

        var slots = node.Read(static v => v.Chain.Blocks.Skip(1).Select(static b => b.Slot).ToList());
        Assert.Equal(Enumerable.Range(1, 3600).Select(i => start + (ulong)i).Where(lottery.Wins), slots);
    }

    [Fact]
    public async Task Block_comes_on_demand_without_a_body_and_other_commands_say_what_they_miss()
    {
        await using var devNet = await DevNetHost.StartAsync();

        using var block = await devNet.Client.PostAsync("/devnet/blocks", null);
        using var faucet = await devNet.Client.PostAsync("/devnet/faucet", new StringContent("address=x"));

        Assert.Contains("\"height\":1", await block.Content.ReadAsStringAsync());
        Assert.Contains("application/json", await faucet.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Time_can_be_skipped_so_that_a_ttl_passes()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var slot = devNet.Node.Read(static v => v.Clock.Slot);
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0], validity: new(null, slot + 100));
        await devNet.AcceptAsync(mint);

        await devNet.AdminAsync("time", new { skip_slots = 100 });
        devNet.Node.Forge();

        Assert.Equal((404, 404), (await devNet.StatusAsync($"/mempool/{mint.Id}"), await devNet.StatusAsync($"/txs/{mint.Id}")));
    }
}
