using System.Net.Http.Headers;
using CardanoRwa.Cardano.Building;
using CardanoRwa.DevNet.Chain;

namespace CardanoRwa.DevNet.Measure;

/// <summary>One client: builds, signs and submits a mint, and chains the next on its change.</summary>
internal sealed class Minter : IDisposable
{
    private const ulong Funds = 100_000_000_000;

    private readonly SeedPrivateKey key;
    private readonly TransactionBuilder builder;
    private readonly TransactionPlan plan;
    private readonly HttpClient http;
    private Utxo funds;
    private long accepted;

    internal Minter(int number, Node node, string url)
    {
        key = new SeedPrivateKey(Blake2b.Hash256([.. "minter"u8, (byte)number]).Bytes);
        var address = Address.Enterprise(CardanoNetwork.Testnet, Credential.Key(key.PublicKey.Hash));
        var policy = NativeScript.Signature(key.PublicKey.Hash);
        var name = AssetName.FromText($"Certificate {number}");
        builder = new TransactionBuilder(ProtocolParameters.Mainnet2025, random: new Random(number));
        plan = new TransactionPlan
        {
            ChangeAddress = address,
            Mints = [new MintAction(policy, name, 1)],
            Metadata = new Dictionary<ulong, Metadatum>
            {
                [Cip25.Label] = Cip25.Build([KeyValuePair.Create(new AssetId(policy.Hash, name), Cip25.Details($"Certificate {number}", "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"))]),
            },
        };
        http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(url) };
        var grant = node.Grant(new FaucetRequest(address, Funds, 1)) as SubmitOutcome.Accepted ?? throw new InvalidOperationException("The faucet gave nothing.");
        funds = new Utxo(new TxIn(grant.Id, 0), new TxOut(address, Value.OfCoin(Funds)));
    }

    internal long Accepted => Interlocked.Read(ref accepted);
    internal int Size { get; private set; }

    public void Dispose()
    {
        http.Dispose();
        key.Dispose();
    }

    internal async Task MintAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var unsigned = builder.Build(plan with { Inputs = [funds] }, [funds]).Unwrap();
            var transaction = unsigned.Sign(key);
            using var content = new ReadOnlyMemoryContent(transaction.Bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/cbor") } };
            using var response = await http.PostAsync("/tx/submit", content, CancellationToken.None);
            if ((int)response.StatusCode == 425)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
                continue;
            }

            if (!response.IsSuccessStatusCode) throw new InvalidOperationException(await response.Content.ReadAsStringAsync(CancellationToken.None));
            funds = unsigned.Change.Single();
            Size = transaction.WireSize;
            Interlocked.Increment(ref accepted);
        }
    }
}
