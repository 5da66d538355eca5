using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CardanoRwa.Cardano.Scripts;

namespace CardanoRwa.Tests.DevNet;

public class SubmitTests
{
    private static readonly TestWallet Wallet = new(1);

    [Fact]
    public async Task Submitted_transaction_is_not_found_until_it_is_in_a_block()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0]);

        await devNet.AcceptAsync(mint);

        Assert.Equal(404, await devNet.StatusAsync($"/txs/{mint.Id}"));
        Assert.Equal(200, await devNet.StatusAsync($"/mempool/{mint.Id}"));
        devNet.Node.Forge();
        Assert.Equal(200, await devNet.StatusAsync($"/txs/{mint.Id}"));
        Assert.Equal(404, await devNet.StatusAsync($"/mempool/{mint.Id}"));
        Assert.Equal(Convert.ToHexStringLower(mint.Bytes.Span), (string?)(await devNet.GetAsync($"/txs/{mint.Id}/cbor")).Body!["cbor"]);
    }

    [Fact]
    public async Task Refusal_carries_the_nodes_answer_as_text_within_the_message()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var funds = (await devNet.FundAsync(Wallet.Address))[0];
        var good = Wallet.Pay(funds, Wallet.Address, 5_000_000);
        var late = Wallet.Change(good, fee: 0, validity: new ValidityInterval(null, 5));

        using var response = await devNet.SubmitAsync(late);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        var message = JsonNode.Parse((string)body["message"]!)!;

        Assert.Equal((400, "Bad Request"), ((int)body["status_code"]!, (string)body["error"]!));
        Assert.Equal("TxSubmitFail", (string?)message["tag"]);
        Assert.Equal("TxCmdTxSubmitValidationError", (string?)message["contents"]!["tag"]);
        Assert.Equal("TxValidationErrorInCardanoMode", (string?)message["contents"]!["contents"]!["tag"]);
        var inner = message["contents"]!["contents"]!["contents"]!;
        Assert.Equal(("ShelleyBasedEraConway", "ShelleyTxValidationError"), ((string)inner["era"]!, (string)inner["kind"]!));
        var errors = inner["error"]!.AsArray().Select(static e => (string)e!).ToList();
        Assert.StartsWith("ConwayUtxowFailure (UtxoFailure (FeeTooSmallUTxO (Mismatch {mismatchSupplied = Coin 0, mismatchExpected = Coin ", errors[0], StringComparison.Ordinal);
        Assert.StartsWith("ConwayUtxowFailure (UtxoFailure (OutsideValidityIntervalUTxO (ValidityInterval {invalidBefore = SNothing, invalidHereafter = SJust (SlotNo 5)}) (SlotNo ", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resubmission_is_answered_as_if_its_inputs_were_spent()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var mint = Wallet.Mint((await devNet.FundAsync(Wallet.Address))[0]);
        await devNet.AcceptAsync(mint);
        devNet.Node.Forge();

        using var again = await devNet.SubmitAsync(mint);

        Assert.Equal(400, (int)again.StatusCode);
        Assert.Contains("All inputs are spent. Transaction has probably already been included", await again.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Bytes_that_are_no_transaction_are_a_read_error()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var good = Wallet.Pay((await devNet.FundAsync(Wallet.Address))[0], Wallet.Address, 5_000_000);
        byte[] three = [0x83, .. good.BodyBytes.Span, .. good.WitnessBytes.Span, 0xf6];

        foreach (var bytes in new byte[][] { [], [0xff], three, [.. good.Bytes.Span, 0] })
        {
            using var response = await devNet.SubmitAsync(bytes);
            Assert.Equal(400, (int)response.StatusCode);
            Assert.Contains("TxCmdTxReadError", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Other_media_types_are_refused()
    {
        await using var devNet = await DevNetHost.StartAsync();

        using var response = await devNet.Client.PostAsync("/tx/submit", new ByteArrayContent([1]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } });

        Assert.Equal(415, (int)response.StatusCode);
    }

    [Fact]
    public async Task Full_mempool_answers_425()
    {
        await using var devNet = await DevNetHost.StartAsync(null, ("MempoolBytes", "16384"));
        var previous = (await devNet.FundAsync(Wallet.Address, lovelace: 1_000_000_000))[0];
        HttpResponseMessage response;
        do
        {
            var pay = Wallet.Pay(previous, Wallet.Address, 2_000_000);
            previous = TestWallet.Output(pay, 1);
            response = await devNet.SubmitAsync(pay);
        }
        while (response.IsSuccessStatusCode);

        Assert.Equal(425, (int)response.StatusCode);
        Assert.Equal(425, (int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["status_code"]!);
    }
}
