using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Core.Writes;
using CardanoRwa.Tests.Caching;
using CardanoRwa.Tests.DevNet;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace CardanoRwa.Tests.Minting;

/// <summary>A registry and a chain of its own, on the graph's Postgres, for as many minting workers as a test wants.</summary>
internal sealed partial class MintLab : IAsyncDisposable
{
    public const string Phrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";
    public const string Client = "lab:client";
    // Far beyond what it takes: what else a machine does is not what fails a test.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly GraphFixture _graph;
    private readonly string _database;
    private bool _isOnGraph = true;
    private readonly Dictionary<string, string> _settings;

    private MintLab(GraphFixture graph, string database, DevNetHost chain, IHost registry, Dictionary<string, string> settings) =>
        (_graph, _database, Chain, Registry, _settings, Wallet) = (graph, database, chain, registry, settings, SigningWallet.Load(new MintingOptions
        {
            Mnemonic = Phrase,
            PaymentKeyFile = settings.GetValueOrDefault("Minting__PaymentKeyFile"),
            PolicyKeyFiles = settings.TryGetValue("Minting__PolicyKeyFiles__0", out var policy) ? [policy] : [],
        }, "testnet"));

    public string Database => _database;
    public DevNetHost Chain { get; }
    public IHost Registry { get; }
    public SigningWallet Wallet { get; }

    public static Task<MintLab> StartAsync(GraphFixture graph, int blockEveryMilliseconds = 100, params (string Name, string Value)[] settings) =>
        StartAsync(graph, graph.Database, blockEveryMilliseconds, settings);

    /// <param name="server">A database of the server to make the registry on, where it is not the graph's.</param>
    public static async Task<MintLab> StartAsync(GraphFixture graph, string server, int blockEveryMilliseconds = 100, params (string Name, string Value)[] settings)
    {
        var name = $"lab_{Guid.NewGuid():N}";
        await using (var admin = NpgsqlDataSource.Create(server))
        await using (var create = admin.CreateCommand($"CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"))
        {
            await create.ExecuteNonQueryAsync();
        }
        var database = new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = true, MaxPoolSize = 20 }.ToString();
        var chain = await DevNetHost.StartAsync(null, ("Mode", "Fast"), ("BlockEveryMilliseconds", blockEveryMilliseconds.ToString(CultureInfo.InvariantCulture)));
        var registry = RegistryNode.Create(graph, adjust: builder => builder.AddMintDesks(), database: database);
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__rwadb"] = database,
            ["ConnectionStrings__cache"] = graph.Cache,
            ["Chain__Url"] = $"{chain.Url}/api/v0",
            ["Chain__RequestsPerSecond"] = "5000",
            ["Chain__Burst"] = "5000",
            ["Minting__Mnemonic"] = Phrase,
            ["Minting__ConfirmationDepth"] = "3",
            ["Minting__FinalDepth"] = "2000",
            ["Minting__TtlSlots"] = "300",
            ["Minting__WatchInterval"] = "00:00:00.200",
            ["Minting__SyncInterval"] = "00:00:02",
            ["Recovery__Archiving__Enabled"] = "false",
        };
        foreach (var (key, value) in settings)
        {
            environment[key] = value;
        }
        var lab = new MintLab(graph, database, chain, registry, environment) { _isOnGraph = server == graph.Database };
        await lab.PrepareAsync();
        return lab;
    }

    /// <summary>For processes started from here on.</summary>
    public void Set(string name, string value) => _settings[name] = value;

    public WorkerProcess StartWorker(string? crashAt = null) => new(_settings, crashAt);

    /// <summary>Assets that are approved and have a token each.</summary>
    public async Task<IReadOnlyList<Guid>> AddAssetsAsync(int count, PutToken? token = null, string prefix = "LAB")
    {
        var ids = new List<Guid>();
        await WriteAsync(async (services, _, cancellationToken) =>
        {
            var db = services.GetRequiredService<RwaDbContext>();
            ids.Clear(); // a lost connection makes this run again
            for (var i = 0; i < count; i++)
            {
                var stamp = ChangeStamp.Create("lab:issuer", TimeProvider.System);
                var asset = services.GetRequiredService<AssetRegistry>().Create(new CreateAsset($"Asset {i}", 100m), stamp).Value!;
                db.ComplianceRecords.Add(new ComplianceRecord { Id = stamp.EntityId, AssetId = asset.Id, Check = "title", RequestedBy = "lab:issuer", CreatedAt = stamp.At, Status = ComplianceStatus.Approved, DecidedBy = "lab:officer", DecidedAt = stamp.At, Reason = "sound" });
                ids.Add(asset.Id);
            }
            return await Task.FromResult(0);
        });
        await WriteAsync(async (services, stamp, cancellationToken) =>
        {
            var desk = services.GetRequiredService<TokenDesk>();
            foreach (var (i, id) in ids.Index())
            {
                var input = (token ?? new PutToken(DisplayName: $"Asset {i}", Image: "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy")) with { AssetName = $"{prefix}{i}" };
                Assert.Null((await desk.PutAsync(id, input, stamp, cancellationToken)).Refusal);
            }
            return 0;
        });
        return ids;
    }

    /// <summary>As the Api does it: one transaction, under a key.</summary>
    public async Task<Result<WriteResponse>> RequestAsync(Guid asset, OperationKind kind, long quantity, string key, string? recipient = null, string actor = Client)
    {
        await using var scope = Registry.Services.CreateAsyncScope();
        var desk = scope.ServiceProvider.GetRequiredService<MintDesk>();
        var request = new WriteRequest(actor, key, System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{asset}{kind}{quantity}{recipient}")));
        return await scope.ServiceProvider.GetRequiredService<RegistryWriter>().ExecuteAsync(
            request,
            (stamp, token) => kind == OperationKind.Mint
                ? desk.MintAsync(asset, new RequestMint(quantity, recipient), request, stamp, token)
                : desk.BurnAsync(asset, new RequestBurn(quantity), request, stamp, token),
            operation => new WriteResponse(202, JsonSerializer.SerializeToUtf8Bytes(operation.Id)),
            CancellationToken.None);
    }

    public async Task<Guid> MintAsync(Guid asset, long quantity, string key, string? recipient = null) =>
        JsonSerializer.Deserialize<Guid>((await RequestAsync(asset, OperationKind.Mint, quantity, key, recipient)).Value!.Body);

    public async Task<T> WriteAsync<T>(Func<IServiceProvider, ChangeStamp, CancellationToken, Task<T>> work)
    {
        await using var scope = Registry.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RegistryTransaction>().RunAsync("lab:issuer", (stamp, token) => work(scope.ServiceProvider, stamp, token), CancellationToken.None);
    }

    public async Task<T> ReadAsync<T>(Func<RwaDbContext, Task<T>> query)
    {
        await using var scope = Registry.Services.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<RwaDbContext>());
    }

    public Task<Operation> FindAsync(Guid operation) => ReadAsync(db => db.Operations.AsNoTracking().SingleAsync(o => o.Id == operation));

    public async Task<Operation> UntilAsync(Guid operation, Func<Operation, bool> reached, TimeSpan? patience = null, params WorkerProcess[] workers)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            var now = await FindAsync(operation);
            if (reached(now))
            {
                return now;
            }
            if (waited.Elapsed > (patience ?? Patience))
            {
                Assert.Fail($"Still {now.State} ({now.FailureReason}). {Tail(workers)}");
            }
        }
    }

    public Task UntilSomeAsync(TransactionStage stage) => UntilAsync(t => t.Stage == stage);

    public async Task UntilAsync(System.Linq.Expressions.Expression<Func<ChainTransaction, bool>> condition)
    {
        for (var waited = Stopwatch.StartNew(); !await ReadAsync(db => db.ChainTransactions.AnyAsync(condition)); await Task.Delay(50))
        {
            Assert.True(waited.Elapsed < Patience, $"No transaction came to be {condition}.");
        }
    }

    /// <summary>Until every operation is confirmed or failed.</summary>
    public async Task UntilOverAsync(TimeSpan patience, params WorkerProcess[] workers)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            var open = await ReadAsync(db => db.Operations.CountAsync(o => o.State != OperationState.Confirmed && o.State != OperationState.Failed));
            if (open == 0)
            {
                return;
            }
            if (waited.Elapsed > patience)
            {
                var states = await ReadAsync(db => db.ChainTransactions.Where(t => t.Stage != TransactionStage.Confirmed).OrderBy(t => t.Sequence).Take(5).Select(t => $"{t.Sequence} {t.Stage} ttl {t.Ttl} sent {t.Submissions} {t.LastAnswer}").ToListAsync());
                Assert.Fail($"{open} operations are not over.\n{string.Join('\n', states)}\n{Tail(workers)}");
            }
        }
    }

    /// <summary>
    /// What must hold whatever died: all that was acknowledged is there and over, the chain holds exactly the confirmed
    /// quantities, each operation is in exactly one transaction of the chain, and nothing stays reserved.
    /// </summary>
    public async Task AssertExactAsync(IReadOnlyCollection<Guid> acknowledged)
    {
        var operations = await ReadAsync(db => db.Operations.AsNoTracking().ToListAsync());
        Assert.Equal(acknowledged.Order(), operations.Select(o => o.Id).Order());
        Assert.All(operations, o => Assert.True(o.State == OperationState.Confirmed || (o.State == OperationState.Failed && o.FailureReason is not null), $"{o.Id} is {o.State}"));

        var tokens = await ReadAsync(db => db.Tokens.AsNoTracking().ToDictionaryAsync(t => t.AssetId));
        foreach (var asset in operations.GroupBy(o => o.AssetId))
        {
            var confirmed = asset.Where(o => o.State == OperationState.Confirmed).Sum(o => o.Kind == OperationKind.Mint ? o.Quantity : -o.Quantity);
            Assert.Equal(confirmed, await OnChainAsync(tokens[asset.Key]));
            Assert.Equal(confirmed, tokens[asset.Key].Minted - tokens[asset.Key].Burned);
        }

        var carried = new List<Guid>();
        foreach (var id in await ReadAsync(db => db.ChainTransactions.Select(t => t.Id).ToListAsync()))
        {
            if (await Chain.GetAsync($"/txs/{id}/cbor") is (200, { } body))
            {
                carried.AddRange(OperationTag.Read(Transaction.Decode(Convert.FromHexString((string)body["cbor"]!))).Select(o => o.OperationId));
            }
        }
        Assert.Equal(operations.Where(o => o.State == OperationState.Confirmed).Select(o => o.Id).Order(), carried.Order());

        Assert.Equal(0, await ReadAsync(db => (from u in db.WalletUtxos join t in db.ChainTransactions on u.SpentBy equals t.Id where t.Stage != TransactionStage.Confirmed && t.Stage != TransactionStage.Final select u).CountAsync()));
    }

    public async Task<long> OnChainAsync(Token token) =>
        await Chain.GetAsync($"/assets/{token.Unit()}") is (200, { } body) ? long.Parse((string)body["quantity"]!, CultureInfo.InvariantCulture) : 0;

    public async ValueTask DisposeAsync()
    {
        Registry.Dispose();
        if (_ownsChain)
        {
            await Chain.DisposeAsync();
        }
        Wallet.Dispose();
        NpgsqlConnection.ClearAllPools();
        if (!_isOnGraph)
        {
            return; // its server goes with it
        }
        var own = new NpgsqlConnectionStringBuilder(_database);
        var name = own.Database;
        own.Database = "postgres";
        await using var admin = NpgsqlDataSource.Create(own.ToString());
        await using var drop = admin.CreateCommand($"DROP DATABASE {name} WITH (FORCE)");
        await drop.ExecuteNonQueryAsync();
    }

    private async Task PrepareAsync()
    {
        await using var scope = Registry.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<MigrationRunner>().RunAsync(CancellationToken.None);
        await Chain.FundAsync(Wallet.FeeAddress, outputs: 3, lovelace: 10_000_000_000_000);
        await WriteAsync((services, stamp, _) =>
        {
            services.GetRequiredService<RwaDbContext>().Wallet.Add(new WalletState
            {
                Network = "testnet",
                FeeAddress = Wallet.FeeAddress.ToString(),
                TreasuryAddress = Wallet.TreasuryAddress.ToString(),
                PolicyKeys = JsonSerializer.Serialize(Wallet.Policies.ToArray(), CardanoRwa.Core.Text.RegistryJson.Default.PolicyKeyArray),
                TipSlot = (long)Chain.Node.Read(view => view.Clock.Slot),
                TipTime = stamp.At,
                UpdatedAt = stamp.At,
            });
            return Task.FromResult(0);
        });
    }

    public static string Tail(WorkerProcess[] workers) => string.Join("\n---\n", workers.Select(w => w.Output.Length > 3000 ? w.Output[^3000..] : w.Output));
}
