using System.Text.Json.Nodes;
using CardanoRwa.Cardano.Transactions;
using CsCheck;

namespace CardanoRwa.Tests.Cardano;

public class TransactionOracleTests
{
    private const int Cases = 1500;

    private static readonly ProtocolParameters Parameters = ProtocolParameters.Mainnet2025;

    [Fact]
    public async Task Transactions_written_here_are_read_the_same_by_an_independent_implementation()
    {
        var transactions = Generators.Transaction.Array[Cases].Single();

        var answers = await CslOracle.AskAsync(transactions.Select(static t => new { op = "transaction", cbor = Convert.ToHexStringLower(t.Bytes.Span) }));

        foreach (var (transaction, answer) in transactions.Zip(answers))
        {
            Assert.True(answer["error"] is null, $"{answer["error"]}: {Convert.ToHexStringLower(transaction.Bytes.Span)}");
            Assert.Equal(transaction.Id.ToString(), (string?)answer["id"]);
            Assert.True((bool)answer["signed"]!);
            Assert.Equal(transaction.Body.AuxiliaryDataHash?.ToString(), (string?)answer["auxiliaryHash"]);
        }
    }

    [Fact]
    public async Task Transactions_written_elsewhere_keep_their_hash_content_fee_and_minimum_ada()
    {
        var bodies = Generators.Body.Array[Cases].Single();
        var metadata = JsonValue.Create("""{"a":["b",1,{"c":-5}],"d":"0x00ff"}""").GetValue<string>();

        var answers = await CslOracle.AskAsync(bodies.Select((body, i) => Question(body, i % 2 == 0 ? metadata : null)));

        foreach (var (body, answer) in bodies.Zip(answers))
        {
            Assert.True(answer["error"] is null, (string?)answer["error"]);
            var read = Transaction.Decode(Convert.FromHexString((string)answer["cbor"]!));
            Assert.Equal((string?)answer["id"], read.Id.ToString());
            Assert.Equal(body.Inputs.Order(), read.Body.Inputs.Order());
            Assert.Equal(body.Outputs.Select(static o => (o.Address, o.Value)), read.Body.Outputs.Select(static o => (o.Address, o.Value)));
            Assert.Equal((body.Fee, body.Validity, body.Mint), (read.Body.Fee, read.Body.Validity, read.Body.Mint));
            Assert.Equal(body.RequiredSigners.Order(), read.Body.RequiredSigners.Order());
            Assert.Equal(read.Body.AuxiliaryDataHash, read.AuxiliaryData?.Hash());
            Assert.Equal(ulong.Parse((string)answer["fee"]!), Parameters.MinFee(read.WireSize));

            // For an output that holds too little, that library tells what it would need once it held enough.
            var minCoins = answer["minCoins"]!.AsArray().Select(static n => ulong.Parse((string)n!));
            Assert.Equal(minCoins, read.Body.Outputs.Select(static o => Math.Max(Parameters.MinCoin(o), (ulong)Parameters.WithMinCoin(o).Value.Coin)));
        }
    }

    [Fact]
    public async Task Witnesses_added_here_equal_those_added_elsewhere()
    {
        var cases = Gen.Select(Generators.Body, Generators.Bytes(32)).Array[200].Single()
            .Select(static c => (Transaction: Transaction.Create(c.Item1, WitnessSet.Empty), Key: KeyVectors.Extended(c.Item2))).ToList();

        var answers = await CslOracle.AskAsync(cases.Select(static c => new
        {
            op = "sign",
            cbor = Convert.ToHexStringLower(c.Transaction.Bytes.Span),
            key = Convert.ToHexStringLower(KeyVectors.Signing(c.Key)),
        }));

        foreach (var ((transaction, key), answer) in cases.Zip(answers))
        {
            var signed = transaction.AddWitnesses(new WitnessSet { VKeys = [new VKeyWitness(key.PublicKey, key.Sign(transaction.Id.Bytes))] });
            Assert.True(answer["error"] is null, (string?)answer["error"]);
            var theirs = Transaction.Decode(Convert.FromHexString((string)answer["cbor"]!));
            Assert.Equal(signed.Id, theirs.Id);
            Assert.Equal(signed.Witnesses.VKeys, theirs.Witnesses.VKeys);
            Assert.Equal(transaction.BodyBytes.ToArray(), theirs.BodyBytes.ToArray());
        }
    }

    private static object Question(TxBody body, string? metadata) => new
    {
        op = "build",
        inputs = body.Inputs.Select(static i => new { id = i.TransactionId.ToString(), index = i.Index }),
        outputs = body.Outputs.Select(static o => new
        {
            address = Convert.ToHexStringLower(o.Address.Bytes),
            coin = o.Value.Coin.ToString(),
            tokens = o.Value.Tokens.Select(static t => new { policy = t.Asset.Policy.ToString(), name = t.Asset.Name.ToString(), quantity = t.Quantity.ToString() }),
        }),
        fee = body.Fee.ToString(),
        ttl = body.Validity.InvalidHereafter,
        start = body.Validity.InvalidBefore,
        mint = body.Mint.Select(static t => new { policy = t.Asset.Policy.ToString(), name = t.Asset.Name.ToString(), quantity = t.Quantity.ToString() }),
        required = body.RequiredSigners.Select(static s => s.ToString()),
        metadata = metadata is null ? null : new { label = 721, json = metadata },
    };
}
