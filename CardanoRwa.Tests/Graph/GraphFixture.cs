using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;

namespace CardanoRwa.Tests.Graph;

/// <summary>The whole graph, started once for the tests that share it.</summary>
public class GraphFixture : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly string Evidence = Directory.CreateTempSubdirectory("rwa-graph-evidence-").FullName;
    private static readonly Lock Sharing = new();
    private static int _users;
    private DistributedApplication? _app;

    static GraphFixture()
    {
        // Its processes inherit it; what tests upload is not to stay in the user's own folder.
        Environment.SetEnvironmentVariable("Evidence__Folder", Evidence);
        Environment.SetEnvironmentVariable("Recovery__DataFolder", Path.Combine(Evidence, "recovery"));
    }

    public DistributedApplication App => _app!;
    public HttpClient Api { get; private set; } = null!;
    public string Database { get; private set; } = null!;
    public string Cache { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        lock (Sharing)
        {
            _users++;
            Directory.CreateDirectory(Evidence);
        }
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.CardanoRwa_AppHost>();
        Choose(builder.Resources);
        _app = await builder.BuildAsync();
        await _app.StartAsync().WaitAsync(StartTimeout);
        await ReadyAsync(_app).WaitAsync(StartTimeout);
        Database = (await _app.GetConnectionStringAsync("rwadb"))!;
        Cache = (await _app.GetConnectionStringAsync("cache"))!;
    }

    protected virtual void Choose(IResourceCollection resources)
    {
    }

    protected virtual async Task ReadyAsync(DistributedApplication app)
    {
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api");
        Api = app.CreateHttpClient("api");
        Api.DefaultRequestHeaders.Add("X-Api-Key", "rwa-dev-key");
    }

    public async Task DisposeAsync()
    {
        Api?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
        lock (Sharing)
        {
            if (--_users == 0)
            {
                Directory.Delete(Evidence, recursive: true); // A gigabyte of backups by now; graphs that start later make it anew.
            }
        }
    }

    /// <summary>A client with another key, or none.</summary>
    public HttpClient Client(string? apiKey)
    {
        var client = new HttpClient { BaseAddress = Api.BaseAddress };
        if (apiKey is not null)
        {
            client.DefaultRequestHeaders.Add("X-Api-Key", apiKey);
        }
        return client;
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = source.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.AddWithValue(parameter);
        }
        return (T)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>The graph's Postgres and cache alone, for tests that run chains, Apis and workers of their own on them.</summary>
public sealed class ServersFixture : GraphFixture
{
    protected override void Choose(IResourceCollection resources)
    {
        foreach (var resource in resources.Where(r => r is ProjectResource or ContainerResource and not (PostgresServerResource or RedisResource)).ToList())
        {
            resources.Remove(resource);
        }
    }

    protected override async Task ReadyAsync(DistributedApplication app)
    {
        await app.ResourceNotifications.WaitForResourceHealthyAsync("rwadb");
        await app.ResourceNotifications.WaitForResourceHealthyAsync("cache");
    }
}

[CollectionDefinition(Name)]
public sealed class GraphCollection : ICollectionFixture<GraphFixture>
{
    public const string Name = "graph";
}
