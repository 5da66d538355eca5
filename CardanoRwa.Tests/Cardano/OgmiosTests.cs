using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Ogmios;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Cardano.Transactions;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace CardanoRwa.Tests.Cardano;

public class OgmiosTests
{
    private static readonly Transaction Sample = Generators.Transaction.Single();
    private static readonly Address Holder = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(Generators.Policy(1)));

    [Fact]
    public async Task Parameters_and_tip_are_read_as_ogmios_writes_them()
    {
        await using var server = await ServeAsync(static (method, _) => method switch
        {
            "queryLedgerState/protocolParameters" => """
                {"minFeeCoefficient":44,"minFeeConstant":{"ada":{"lovelace":155381}},"minFeeReferenceScripts":{"range":25600,"base":15,"multiplier":1.2},"minUtxoDepositCoefficient":4310,"minUtxoDepositConstant":{"ada":{"lovelace":0}},
                 "maxBlockBodySize":{"bytes":90112},"maxTransactionSize":{"bytes":16384},"maxValueSize":{"bytes":5000},"stakeCredentialDeposit":{"ada":{"lovelace":2000000}},"stakePoolDeposit":{"ada":{"lovelace":500000000}},"collateralPercentage":150,"maxCollateralInputs":3}
                """,
            "queryNetwork/tip" => $$"""{"slot":42,"id":"{{new string('b', 64)}}"}""",
            "queryNetwork/blockHeight" => "7",
            _ => null,
        });
        await using var provider = Provider(server);

        Assert.Equal(ProtocolParameters.Mainnet2025, await provider.GetProtocolParametersAsync());
        var tip = await provider.GetTipAsync();
        Assert.Equal((42UL, 7UL), (tip.Slot, tip.Height));
    }

    [Fact]
    public async Task Utxos_are_read_with_their_tokens()
    {
        var asset = new AssetId(Generators.Policy(2), AssetName.FromText("x"));
        await using var server = await ServeAsync((method, parameters) => method == "queryLedgerState/utxo" && (string?)parameters!["addresses"]![0] == Holder.ToString()
            ? $$$"""[{"transaction":{"id":"{{{Sample.Id}}}"},"index":1,"address":"{{{Holder}}}","value":{"ada":{"lovelace":3000000},"{{{asset.Policy}}}":{"{{{asset.Name}}}":18446744073709551615} } }]"""
            : null);
        await using var provider = Provider(server);

        var utxo = Assert.Single(await provider.GetUtxosAsync(Holder));

        Assert.Equal((new TxIn(Sample.Id, 1), new Value(3_000_000, TokenBundle.Of(asset, ulong.MaxValue))), (utxo.Input, utxo.Value));
    }

    [Fact]
    public async Task Submission_is_accepted_or_refused_with_its_rule()
    {
        var error = "";
        await using var server = await ServeAsync((method, parameters) => method switch
        {
            "submitTransaction" when (string?)parameters!["transaction"]!["cbor"] != Convert.ToHexStringLower(Sample.Bytes.Span) => null,
            "submitTransaction" when error.Length > 0 => error,
            "submitTransaction" => $$$"""{"transaction":{"id":"{{{Sample.Id}}}"} }""",
            "acquireMempool" => """{"acquired":"mempool","slot":1}""",
            "hasTransaction" => "false",
            "queryLedgerState/utxo" => "[]",
            _ => null,
        });
        await using var provider = Provider(server);

        Assert.Equal(new SubmitOutcome.Accepted(Sample.Id), await provider.SubmitAsync(Sample));
        foreach (var rule in new[] { LedgerRule.FeeTooSmallUTxO, LedgerRule.BadInputsUTxO, LedgerRule.MissingVKeyWitnessesUTXOW })
        {
            error = $$"""!{"code":{{(int)rule}},"message":"refused"}""";
            Assert.Equal(rule, Assert.IsType<SubmitOutcome.Refused>(await provider.SubmitAsync(Sample)).Reasons.Single().Rule);
        }
    }

    [Fact]
    public async Task Status_tells_pending_and_included()
    {
        var pending = true;
        await using var server = await ServeAsync((method, _) => method switch
        {
            "acquireMempool" => """{"acquired":"mempool","slot":1}""",
            "hasTransaction" => pending ? "true" : "false",
            "queryLedgerState/utxo" => $$$"""[{"transaction":{"id":"{{{Sample.Id}}}"},"index":0,"address":"{{{Holder}}}","value":{"ada":{"lovelace":3000000} } }]""",
            _ => null,
        });
        await using var provider = Provider(server);

        Assert.Equal(TransactionState.Pending, (await provider.GetStatusAsync(Sample.Id)).State);
        pending = false;
        Assert.Equal(TransactionState.InBlock, (await provider.GetStatusAsync(Sample.Id)).State);
    }

    [Fact]
    public async Task Many_calls_share_one_connection_and_a_broken_one_is_opened_again()
    {
        var connections = 0;
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var dies = Interlocked.Increment(ref connections) == 1;
            await AnswerAsync(context, static (method, _) => method == "queryNetwork/tip" ? $$"""{"slot":42,"id":"{{new string('b', 64)}}"}""" : "7", dieAfter: dies ? 3 : int.MaxValue);
        });
        await using var provider = Provider(server);

        var tips = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => provider.GetTipAsync()));

        Assert.All(tips, static t => Assert.Equal(42UL, t.Slot));
        Assert.Equal(2, connections);
    }

    [Fact]
    public async Task Silence_is_uncertain_for_a_submission_and_a_fault_for_a_read()
    {
        await using var server = await LoopbackServer.StartAsync(static async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await Task.Delay(TimeSpan.FromSeconds(20), context.RequestAborted);
        });
        await using var provider = new OgmiosProvider(SocketUrl(server), TimeSpan.FromSeconds(0.3));

        Assert.IsType<SubmitOutcome.Uncertain>(await provider.SubmitAsync(Sample));
        Assert.Equal(ProviderFault.Unavailable, (await Assert.ThrowsAsync<ProviderException>(() => provider.GetTipAsync())).Fault);
    }

    private static Task<LoopbackServer> ServeAsync(Func<string, JsonNode?, string?> answer) => LoopbackServer.StartAsync(context => AnswerAsync(context, answer, int.MaxValue));

    // An answer that starts with '!' is an error; none is one, too.
    private static async Task AnswerAsync(HttpContext context, Func<string, JsonNode?, string?> answer, int dieAfter)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1 << 16];
        for (var served = 0; served < dieAfter; served++)
        {
            var length = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(length), context.RequestAborted);
                length += received.Count;
            }
            while (!received.EndOfMessage);
            if (received.MessageType == WebSocketMessageType.Close) return;
            var request = JsonNode.Parse(buffer.AsSpan(0, length))!;
            var method = (string)request["method"]!;
            var result = answer(method, request["params"]) ?? """!{"code":-32601,"message":"not scripted"}""";
            var part = result[0] == '!' ? $"\"error\":{result[1..]}" : $"\"result\":{result}";
            await socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","method":"{{method}}",{{part}},"id":{{request["id"]}}}"""), WebSocketMessageType.Text, true, context.RequestAborted);
        }

        context.Abort();
    }

    private static Uri SocketUrl(LoopbackServer server) => new UriBuilder(server.Url) { Scheme = "ws" }.Uri;

    private static OgmiosProvider Provider(LoopbackServer server) => new(SocketUrl(server), TimeSpan.FromSeconds(5));
}
