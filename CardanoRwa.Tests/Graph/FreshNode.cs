using CardanoRwa.Core;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Webhooks;
using CardanoRwa.Core.Writes;
using CardanoRwa.Tests.Data;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Tests.Graph;

/// <summary>The registry's services over a database of the test's own, with nothing running beside them.</summary>
internal sealed class FreshNode : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string _folder = Directory.CreateTempSubdirectory("rwa-evidence-").FullName;

    private FreshNode(string database, Action<IServiceCollection>? adjust, (string Key, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:rwadb", database), new("Evidence:Folder", _folder), new("Webhooks:SealingKey", Convert.ToBase64String(new byte[32]))]);
        builder.Configuration.AddInMemoryCollection(settings.GroupBy(s => s.Key).Select(s => KeyValuePair.Create(s.Key, (string?)s.Last().Value)));
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddNpgsqlDbContext<RwaDbContext>("rwadb", configureDbContextOptions: DataOptions.Configure);
        builder.Services.AddDistributedMemoryCache();
        builder.AddRegistry().AddRegistryCache().AddEvidence().AddWebhooks();
        adjust?.Invoke(builder.Services);
        _host = builder.Build();
        Database = database;
    }

    public string Database { get; }
    public string Folder => _folder;
    public T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    public static async Task<FreshNode> CreateAsync(GraphFixture graph, Action<IServiceCollection>? adjust = null, params (string Key, string Value)[] settings)
    {
        var node = new FreshNode(await MigrationTests.CreateDatabaseAsync(graph), adjust, settings);
        await node.ScopedAsync(s => s.GetRequiredService<MigrationRunner>().RunAsync(CancellationToken.None));
        return node;
    }

    /// <summary>Over a registry that somebody else made.</summary>
    public static FreshNode Over(string database, params (string Key, string Value)[] settings) => new(database, null, settings);

    /// <summary>Another process's worth of services over the same database.</summary>
    public FreshNode Twin(params (string Key, string Value)[] settings) => new(Database, null, settings);

    public async Task<T> ScopedAsync<T>(Func<IServiceProvider, Task<T>> action)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        return await action(scope.ServiceProvider);
    }

    public Task<T> QueryAsync<T>(Func<RwaDbContext, Task<T>> query) => ScopedAsync(s => query(s.GetRequiredService<RwaDbContext>()));

    /// <summary>Carries out a change as the Api does.</summary>
    public async Task<T> WriteAsync<T>(Func<IServiceProvider, ChangeStamp, CancellationToken, Task<Result<T>>> change)
    {
        T? made = default;
        var result = await ScopedAsync(s => s.GetRequiredService<RegistryWriter>().ExecuteAsync(
            new WriteRequest("test", null, []), (stamp, token) => change(s, stamp, token), value =>
            {
                made = value;
                return new WriteResponse(200, []);
            }, CancellationToken.None));
        Assert.Null(result.Refusal);
        return made!;
    }

    public Task<Asset> CreateAssetAsync() => WriteAsync((s, stamp, _) => Task.FromResult(s.GetRequiredService<AssetRegistry>().Create(new CreateAsset("a", 1), stamp)));

    public async Task<EvidenceItem> UploadAsync(Guid assetId, byte[] bytes, bool confidential = false)
    {
        await using var spool = (await EvidenceSpool.ReadAsync(new MemoryStream(bytes), null, long.MaxValue, null, CancellationToken.None))!;
        await Get<EvidenceVault>().StoreAsync(spool, CancellationToken.None);
        return (await WriteAsync((s, stamp, token) => s.GetRequiredService<EvidenceDesk>().AddAsync(assetId, new DescribeEvidence("A deed", null, null, confidential), "text/plain", spool, stamp, token))).Item;
    }

    public async ValueTask DisposeAsync()
    {
        await (_host is IAsyncDisposable host ? host.DisposeAsync() : ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }
}
