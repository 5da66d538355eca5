using System.Text.Json.Nodes;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Tests.DevNet;

/// <summary>Blockfrost's own schema and client judge the answers.</summary>
public class BlockfrostOracleTests
{
    private static readonly TestWallet Wallet = new(1);

    [Fact]
    public async Task Every_answer_is_valid_by_the_published_schema()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var (mint, pending) = await PopulateAsync(devNet);
        var unit = mint.Body.Mint[0].Asset;
        var script = Wallet.Policy.Hash;
        var block = mint.Id.ToString();
        var nothing = new string('0', 64);
        (string Schema, string Path)[] calls =
        [
            ("/", "/api/v0"), ("/health", "/api/v0/health"), ("/health/clock", "/health/clock"), ("/genesis", "/genesis"), ("/network", "/network"),
            ("/epochs/latest", "/epochs/latest"), ("/epochs/latest/parameters", "/epochs/latest/parameters"), ("/epochs/{number}/parameters", "/epochs/0/parameters"),
            ("/blocks/latest", "/blocks/latest"), ("/blocks/latest/txs", "/blocks/latest/txs"), ("/blocks/{hash_or_number}", "/blocks/0"), ("/blocks/{hash_or_number}", "/blocks/2"), ("/blocks/{hash_or_number}/txs", "/blocks/1/txs"),
            ("/addresses/{address}", $"/addresses/{Wallet.Address}"), ("/addresses/{address}/utxos", $"/addresses/{Wallet.Address}/utxos"), ("/addresses/{address}/utxos/{asset}", $"/addresses/{Wallet.Address}/utxos/{unit}"),
            ("/assets", "/assets"), ("/assets/{asset}", $"/assets/{unit}"), ("/assets/{asset}/history", $"/assets/{unit}/history"), ("/assets/{asset}/addresses", $"/assets/{unit}/addresses"), ("/assets/policy/{policy_id}", $"/assets/policy/{unit.Policy}"),
            ("/txs/{hash}", $"/txs/{block}"), ("/txs/{hash}/utxos", $"/txs/{block}/utxos"), ("/txs/{hash}/cbor", $"/txs/{block}/cbor"), ("/txs/{hash}/metadata", $"/txs/{block}/metadata"), ("/txs/{hash}/metadata/cbor", $"/txs/{block}/metadata/cbor"),
            ("/mempool", "/mempool"), ("/mempool/{hash}", $"/mempool/{pending.Id}"),
            ("/scripts", "/scripts"), ("/scripts/{script_hash}", $"/scripts/{script}"), ("/scripts/{script_hash}/json", $"/scripts/{script}/json"), ("/scripts/{script_hash}/cbor", $"/scripts/{script}/cbor"),
            ("/txs/{hash}", $"/txs/{nothing}"), ("/blocks/{hash_or_number}", "/blocks/99999"), ("/assets/{asset}", $"/assets/{nothing}"), ("/assets/{asset}", "/assets/nonsense"), ("/addresses/{address}/utxos", "/addresses/nonsense/utxos"),
        ];
        var answers = new List<(int Status, JsonNode? Body)>();
        foreach (var (_, path) in calls) answers.Add(await devNet.GetAsync(path));

        var judged = await DevNetOracle.AskAsync(calls.Zip(answers, static (call, answer) => new { op = "validate", path = call.Schema, status = answer.Status.ToString(), body = answer.Body }));

        Assert.All(calls.Zip(answers, judged), static x => Assert.True(x.Third["errors"] is JsonArray { Count: 0 }, $"{x.First.Path}: {x.Third.ToJsonString()}\n{x.Second.Body?.ToJsonString()}"));
        Assert.All(answers.Take(calls.Length - 5), static a => Assert.Equal(200, a.Status));
        var asset = answers[17].Body!;
        Assert.Equal(("CIP25v2", "Certificate"), ((string)asset["onchain_metadata_standard"]!, (string)asset["onchain_metadata"]!["name"]!));
    }

    [Fact]
    public async Task Blockfrosts_client_drives_a_mint_from_parameters_to_asset()
    {
        await using var devNet = await DevNetHost.StartAsync();
        var funds = (await devNet.FundAsync(Wallet.Address))[0];
        var mint = Wallet.Mint(funds, "Certificate", 7);
        var unit = mint.Body.Mint[0].Asset.ToString();
        var payment = Wallet.Pay(funds, Wallet.Address, 5_000_000);
        var bad = new Dictionary<string, Transaction>
        {
            ["FeeTooSmallUTxO"] = Wallet.Change(payment, fee: 1000),
            ["OutsideValidityIntervalUTxO"] = Wallet.Change(payment, fee: payment.Body.Fee + 1000, validity: new ValidityInterval(null, 10)),
            ["MissingVKeyWitnessesUTXOW"] = payment.ReplaceWitnesses(WitnessSet.Empty),
            ["BadInputsUTxO"] = Wallet.Pay(Wallet.Coin(99), Wallet.Address, 5_000_000),
            ["ValueNotConservedUTxO"] = Wallet.Change(payment, outputs: [payment.Body.Outputs[0]]),
        };
        object[] steps =
        [
            Step("genesis"), Step("epochsLatestParameters"), Step("addressesUtxos", Wallet.Address.ToString()), Step("addressesUtxos", new TestWallet(3).Address.ToString()),
            .. bad.Values.Select(static t => Step("txSubmit", Hex(t))),
            Step("txSubmit", Hex(mint)), Step("txSubmit", Hex(mint)), Step("mempoolTx", mint.Id.ToString()), Step("txs", mint.Id.ToString()),
        ];
        object[] after = [Step("txs", mint.Id.ToString()), Step("assetsById", unit), Step("assetsAddresses", unit), Step("addressesUtxosAssetAll", Wallet.Address.ToString(), unit), Step("blocksLatest"), Step("health")];

        var first = await DriveAsync(devNet.Url, steps);
        devNet.Node.Forge();
        var second = await DriveAsync($"{devNet.Url}/api/v0", after);

        Assert.Equal(42, (int)first[0]!["value"]!["network_magic"]!);
        Assert.Equal("4310", (string?)first[1]!["value"]!["coins_per_utxo_size"]);
        Assert.Equal(funds.Input.TransactionId.ToString(), (string?)first[2]!["value"]![0]!["tx_hash"]);
        Assert.Equal(404, (int)first[3]!["status"]!);
        foreach (var (name, answer) in bad.Keys.Zip(first.Skip(4)))
        {
            Assert.Equal(("BlockfrostServerError", 400), ((string)answer!["name"]!, (int)answer["status"]!));
            Assert.Contains(name, (string)answer["message"]!);
        }

        var rest = first.Skip(4 + bad.Count).ToList();
        Assert.Equal(mint.Id.ToString(), (string?)rest[0]!["value"]);
        Assert.Contains("All inputs are spent", (string)rest[1]!["message"]!);
        Assert.Equal(mint.Id.ToString(), (string?)rest[2]!["value"]!["tx"]!["hash"]);
        Assert.Equal(404, (int)rest[3]!["status"]!);
        Assert.Equal(mint.Id.ToString(), (string?)second[0]!["value"]!["hash"]);
        Assert.Equal("7", (string?)second[1]!["value"]!["quantity"]);
        Assert.Equal(Wallet.Address.ToString(), (string?)second[2]!["value"]![0]!["address"]);
        Assert.Single(second[3]!["value"]!.AsArray());
        Assert.Equal(1, (int)second[4]!["value"]!["tx_count"]!);
        Assert.True((bool)second[5]!["value"]!["is_healthy"]!);
    }

    private static async Task<(Transaction Mint, Transaction Pending)> PopulateAsync(DevNetHost devNet)
    {
        var coins = await devNet.FundAsync(Wallet.Address, 3);
        var order = new MintOrder(Wallet.Policy, CardanoRwa.Cardano.Assets.AssetName.FromText("Certificate"), 1, Wallet.Address, Cip25.Details("Certificate", "ipfs://bafkqaaa"));
        var mint = Wallet.Sign(MintOrder.Combine([order], new TransactionPlan { ChangeAddress = Wallet.Address }, TestWallet.Parameters), coins[0]);
        await devNet.AcceptAsync(mint);
        devNet.Node.Forge();
        var pending = Wallet.Mint(coins[1], "Pending");
        await devNet.AcceptAsync(pending);
        return (mint, pending);
    }

    private static object Step(string call, params object[] args) => new { call, args };

    private static string Hex(Transaction transaction) => Convert.ToHexStringLower(transaction.Bytes.Span);

    private static async Task<JsonArray> DriveAsync(string url, object[] steps)
    {
        var answer = Assert.Single(await DevNetOracle.AskAsync([new { op = "drive", url, steps }]));
        Assert.True(answer["error"] is null, (string?)answer["error"]);
        return answer["results"]!.AsArray();
    }
}
