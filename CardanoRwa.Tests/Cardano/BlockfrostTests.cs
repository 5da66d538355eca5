using System.Diagnostics;
using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Blockfrost;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Cardano.Transactions;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Cardano;

public class BlockfrostTests
{
    private const string Gone = """{"contents":{"contents":{"contents":{"era":"ShelleyBasedEraConway","error":["ConwayMempoolFailure \"All inputs are spent. Transaction has probably already been included\""],"kind":"ShelleyTxValidationError"},"tag":"TxValidationErrorInCardanoMode"},"tag":"TxCmdTxSubmitValidationError"},"tag":"TxSubmitFail"}""";

    private static readonly Transaction Sample = Generators.Transaction.Single();

    [Fact]
    public async Task Parameters_are_read_as_the_service_writes_them()
    {
        await using var server = await LoopbackServer.StartAsync(static c => LoopbackServer.Json(c, 200, """
            {"epoch":500,"min_fee_a":44,"min_fee_b":155381,"max_block_size":90112,"max_tx_size":16384,"max_block_header_size":1100,"key_deposit":"2000000","pool_deposit":"500000000",
             "max_val_size":"5000","coins_per_utxo_size":"4310","coins_per_utxo_word":"4310","collateral_percent":150,"max_collateral_inputs":3,"min_fee_ref_script_cost_per_byte":15,"price_mem":0.0577}
            """));

        Assert.Equal(ProtocolParameters.Mainnet2025, await Provider(server).GetProtocolParametersAsync());
        Assert.Equal("GET /api/v0/epochs/latest/parameters", server.Requests.Single());
    }

    [Fact]
    public async Task Utxos_are_read_over_pages_and_an_unused_address_has_none()
    {
        var address = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(Generators.Policy(1)));
        var unit = new AssetId(Generators.Policy(2), AssetName.FromText("x")).ToString();
        await using var server = await LoopbackServer.StartAsync(c =>
        {
            if (!c.Request.Path.Value!.Contains(address.ToString(), StringComparison.Ordinal)) return LoopbackServer.Json(c, 404, """{"status_code":404,"error":"Not Found","message":"The requested component has not been found."}""");
            var page = int.Parse(c.Request.Query["page"]!);
            var items = Enumerable.Range(0, page < 3 ? 100 : 7).Select(i => $$"""{"address":"{{address}}","tx_hash":"{{new string((char)('0' + page), 64)}}","output_index":{{i}},"amount":[{"unit":"lovelace","quantity":"5000000"},{"unit":"{{unit}}","quantity":"18446744073709551615"}],"block":"00","data_hash":null,"inline_datum":null,"reference_script_hash":null}""");
            return LoopbackServer.Json(c, 200, $"[{string.Join(',', items)}]");
        });
        var provider = Provider(server);

        var utxos = await provider.GetUtxosAsync(address);

        Assert.Equal(207, utxos.Count);
        Assert.Equal(new Value(5_000_000, TokenBundle.Of(AssetId.Parse(unit), ulong.MaxValue)), utxos[0].Value);
        Assert.Empty(await provider.GetUtxosAsync(Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(Generators.Policy(3)))));
    }

    [Theory]
    [InlineData(402)]
    [InlineData(418)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Trouble_that_passes_is_waited_out(int status)
    {
        var calls = 0;
        await using var server = await LoopbackServer.StartAsync(c => Interlocked.Increment(ref calls) < 3 ? Error(c, status) : Tip(c));

        Assert.Equal(42UL, (await Provider(server).GetTipAsync()).Slot);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Retry_after_is_obeyed()
    {
        var calls = 0;
        await using var server = await LoopbackServer.StartAsync(c =>
        {
            if (Interlocked.Increment(ref calls) > 1) return Tip(c);
            c.Response.Headers.RetryAfter = "1";
            return Error(c, 429);
        });
        var clock = Stopwatch.StartNew();

        await Provider(server).GetTipAsync();

        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(0.9), $"{clock.Elapsed}");
    }

    [Fact]
    public async Task Slow_read_is_asked_again_and_the_first_answer_wins()
    {
        var calls = 0;
        await using var server = await LoopbackServer.StartAsync(async c =>
        {
            if (Interlocked.Increment(ref calls) == 1) await Task.Delay(TimeSpan.FromSeconds(20), c.RequestAborted);
            await Tip(c);
        });
        var clock = Stopwatch.StartNew();

        await Provider(server, static o => o.HedgeAfter = TimeSpan.FromSeconds(0.2)).GetTipAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    [Fact]
    public async Task Calls_beyond_the_burst_wait_for_the_rate_limit()
    {
        await using var server = await LoopbackServer.StartAsync(Tip);
        var provider = Provider(server, static o => (o.RequestsPerSecond, o.Burst) = (20, 5));
        var clock = Stopwatch.StartNew();

        await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => provider.GetTipAsync()));

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.35), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Breaker_spares_a_service_that_is_down()
    {
        await using var server = await LoopbackServer.StartAsync(static c => Error(c, 500));
        var provider = Provider(server, static o => o.Retries = 0);

        for (var i = 0; i < 30; i++) Assert.Equal(ProviderFault.Unavailable, (await Assert.ThrowsAsync<ProviderException>(() => provider.GetTipAsync())).Fault);

        Assert.InRange(server.Requests.Count, 10, 15);
    }

    [Fact]
    public async Task Submission_is_repeated_as_the_same_bytes_until_accepted()
    {
        var bodies = new List<byte[]>();
        await using var server = await LoopbackServer.StartAsync(async c =>
        {
            using var body = new MemoryStream();
            await c.Request.Body.CopyToAsync(body);
            bodies.Add(body.ToArray());
            Assert.Equal("application/cbor", c.Request.ContentType);
            if (bodies.Count < 3) await Error(c, bodies.Count == 1 ? 500 : 425);
            else await LoopbackServer.Json(c, 200, $"\"{Sample.Id}\"");
        });

        Assert.Equal(new SubmitOutcome.Accepted(Sample.Id), await Provider(server).SubmitAsync(Sample));
        Assert.Equal(3, bodies.Count);
        Assert.All(bodies, static b => Assert.Equal(Sample.Bytes.ToArray(), b));
    }

    [Fact]
    public async Task Full_mempool_and_lost_answers_are_told_apart_from_refusal()
    {
        var status = 425;
        await using var server = await LoopbackServer.StartAsync(c => Error(c, status));
        var provider = Provider(server, static o => o.Retries = 0);

        Assert.IsType<SubmitOutcome.MempoolFull>(await provider.SubmitAsync(Sample));
        status = 504;
        Assert.IsType<SubmitOutcome.Uncertain>(await provider.SubmitAsync(Sample));
        await server.DisposeAsync();
        Assert.IsType<SubmitOutcome.Uncertain>(await provider.SubmitAsync(Sample));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Spent_inputs_are_looked_up_before_they_count_as_refusal(bool included)
    {
        await using var server = await LoopbackServer.StartAsync(c => c.Request.Method == "POST" ? Error(c, 400, Gone)
            : included && c.Request.Path.Value!.EndsWith($"/txs/{Sample.Id}", StringComparison.Ordinal) ? LoopbackServer.Json(c, 200, $$"""{"hash":"{{Sample.Id}}","block":"{{new string('a', 64)}}","block_height":7,"block_time":1700000000,"slot":99,"fees":"1"}""")
            : Error(c, 404));

        var outcome = await Provider(server).SubmitAsync(Sample);

        if (included) Assert.IsType<SubmitOutcome.Accepted>(outcome);
        else Assert.Equal(LedgerRule.ConwayMempoolFailure, Assert.IsType<SubmitOutcome.Refused>(outcome).Reasons.Single().Rule);
    }

    [Fact]
    public void Every_reason_in_a_refusal_is_typed_and_its_numbers_read()
    {
        var reasons = LedgerRefusal.ParseSubmitMessage("""
            {"contents":{"contents":{"contents":{"era":"ShelleyBasedEraConway","error":[
              "ConwayUtxowFailure (UtxoFailure (MaxTxSizeUTxO (Mismatch {mismatchSupplied = 17521, mismatchExpected = 16384})))",
              "ConwayUtxowFailure (UtxoFailure (FeeTooSmallUTxO (Mismatch {mismatchSupplied = Coin 100, mismatchExpected = Coin 170000})))",
              "ConwayUtxowFailure (MissingVKeyWitnessesUTXOW (fromList [KeyHash {unKeyHash = \"966e394a544f242081e41d1965137b1bb412ac230d40ed5407821c37\"}]))",
              "ConwayUtxowFailure (UtxoFailure (SomethingNew 5))"],"kind":"ShelleyTxValidationError"},"tag":"TxValidationErrorInCardanoMode"},"tag":"TxCmdTxSubmitValidationError"},"tag":"TxSubmitFail"}
            """);

        Assert.Equal([(LedgerRule.MaxTxSizeUTxO, 17521L, 16384L), (LedgerRule.FeeTooSmallUTxO, 100L, 170000L)], reasons.Take(2).Select(static r => (r.Rule, r.Supplied!.Value, r.Expected!.Value)));
        Assert.Equal([LedgerRule.MissingVKeyWitnessesUTXOW, LedgerRule.Unknown], reasons.Skip(2).Select(static r => r.Rule));
        Assert.Equal(LedgerRule.ConwayMempoolFailure, LedgerRefusal.ParseSubmitMessage(Gone).Single().Rule);
        Assert.Equal(LedgerRule.Malformed, LedgerRefusal.ParseSubmitMessage("""{"contents":{"contents":[{"contents":{"error":"DecoderErrorDeserialiseFailure \"Shelley Tx\" (DeserialiseFailure 0 \"expected list len\")"},"tag":"TextEnvelopeDecodeError"}],"tag":"TxCmdTxReadError"},"tag":"TxSubmitFail"}""").Single().Rule);
    }

    [Theory]
    [InlineData(403, ProviderFault.Unauthorized)]
    [InlineData(429, ProviderFault.Throttled)]
    [InlineData(400, ProviderFault.Protocol)]
    [InlineData(502, ProviderFault.Unavailable)]
    public async Task Fault_of_the_service_is_typed(int status, ProviderFault fault)
    {
        await using var server = await LoopbackServer.StartAsync(c => Error(c, status));
        Assert.Equal(fault, (await Assert.ThrowsAsync<ProviderException>(() => Provider(server, static o => o.Retries = 0).GetTipAsync())).Fault);
    }

    [Fact]
    public async Task Index_questions_are_answered()
    {
        var asset = new AssetId(Generators.Policy(2), AssetName.FromText("x"));
        var script = CardanoRwa.Cardano.Scripts.NativeScript.Before(9);
        await using var server = await LoopbackServer.StartAsync(c => c.Request.Path.Value!["/api/v0/".Length..] switch
        {
            var p when p == $"assets/{asset}" => LoopbackServer.Json(c, 200, $$"""{"asset":"{{asset}}","policy_id":"{{asset.Policy}}","quantity":"12000","initial_mint_tx_hash":"{{Sample.Id}}","mint_or_burn_count":2}"""),
            var p when p == $"assets/{asset}/addresses" => LoopbackServer.Json(c, 200, """[{"address":"addr_test1x","quantity":"12000"}]"""),
            var p when p == $"assets/{asset}/history" => LoopbackServer.Json(c, 200, $$"""[{"tx_hash":"{{Sample.Id}}","action":"minted","amount":"13000"},{"tx_hash":"{{Sample.Id}}","action":"burned","amount":"-1000"}]"""),
            var p when p == $"assets/policy/{asset.Policy}" => LoopbackServer.Json(c, 200, $$"""[{"asset":"{{asset}}","quantity":"12000"}]"""),
            var p when p == $"txs/{Sample.Id}/cbor" => LoopbackServer.Json(c, 200, $$"""{"cbor":"{{Convert.ToHexStringLower(Sample.Bytes.Span)}}"}"""),
            var p when p == $"scripts/{script.Hash}/json" => LoopbackServer.Json(c, 200, $$"""{"json":{{script.ToJson()}}}"""),
            _ => Error(c, 404),
        });
        var provider = Provider(server);

        Assert.Equal(new AssetInfo(asset, 12000, Sample.Id, 2), await provider.GetAssetAsync(asset));
        Assert.Equal([new AssetHolder("addr_test1x", 12000)], await provider.GetHoldersAsync(asset).ToListAsync());
        Assert.Equal([13000, -1000], await provider.GetHistoryAsync(asset).Select(static e => e.Quantity).ToListAsync());
        Assert.Equal([asset], await provider.GetAssetsOfPolicyAsync(asset.Policy).ToListAsync());
        Assert.Equal(Sample.Id, (await provider.GetTransactionAsync(Sample.Id))!.Id);
        Assert.Equal(script, await provider.GetNativeScriptAsync(script.Hash));
        Assert.Null(await provider.GetTransactionAsync(Blake2b.Hash256([])));
        Assert.Equal(TransactionStatus.Unknown, await provider.GetStatusAsync(Sample.Id));
    }

    [Fact]
    public async Task Registered_provider_sends_its_project_id()
    {
        string? seen = null;
        await using var server = await LoopbackServer.StartAsync(c =>
        {
            seen = c.Request.Headers["project_id"];
            return Tip(c);
        });
        var services = new ServiceCollection();
        services.AddBlockfrost(o => (o.Url, o.ProjectId) = (new Uri(server.Url, "api/v0/"), "secret"));
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<ICardanoProvider>().GetTipAsync();

        Assert.Equal("secret", seen);
        Assert.Same(provider.GetRequiredService<ICardanoProvider>(), provider.GetRequiredService<IChainIndex>());
    }

    [Fact]
    public async Task Options_that_cannot_work_are_told_all_at_once()
    {
        var services = new ServiceCollection();
        services.AddBlockfrost(static o => (o.Url, o.RequestsPerSecond, o.Retries) = (null, 0, 99));
        await using var provider = services.BuildServiceProvider();

        var failures = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => provider.GetRequiredService<ICardanoProvider>()).Message;

        Assert.All(new[] { "Url", "RequestsPerSecond", "Retries" }, name => Assert.Contains(name, failures, StringComparison.Ordinal));
    }

    private static BlockfrostProvider Provider(LoopbackServer server, Action<BlockfrostOptions>? change = null)
    {
        var options = new BlockfrostOptions { Url = new Uri(server.Url, "api/v0"), RetryDelay = TimeSpan.FromMilliseconds(5) };
        change?.Invoke(options);
        return BlockfrostProvider.Create(options);
    }

    private static Task Tip(HttpContext context) => LoopbackServer.Json(context, 200, $$"""{"time":1700000000,"height":7,"hash":"{{new string('b', 64)}}","slot":42}""");

    private static Task Error(HttpContext context, int status, string message = "no") =>
        LoopbackServer.Json(context, status, $$"""{"status_code":{{status}},"error":"Error","message":{{System.Text.Json.JsonSerializer.Serialize(message)}}}""");
}
