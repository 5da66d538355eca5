using System.Diagnostics;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Tests.Recovery;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Caching;

[Collection(GraphCollection.Name)]
public sealed class CoherenceTests(GraphFixture graph)
{
    private static readonly TimeSpan Promised = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task Writer_sees_its_own_write_at_once()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        for (var i = 0; i < 20; i++)
        {
            await graph.Api.GetJsonAsync($"{AssetsPath}/{id}");
            await graph.Api.GetJsonAsync($"{AssetsPath}?limit=3");
            using var patch = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = $"n{i}" }, ifMatch: "*");
            await patch.JsonAsync();

            Assert.Equal($"n{i}", (await graph.Api.GetJsonAsync($"{AssetsPath}/{id}")).Text("name"));
        }
        var newest = (await graph.Api.CreateAssetAsync()).Text("id");
        Assert.Equal(newest, (await graph.Api.GetJsonAsync($"{AssetsPath}?limit=1")).GetProperty("items")[0].Text("id"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Other_replica_sees_a_write_within_the_promised_time(bool withRedis)
    {
        var id = Guid.Parse((await graph.Api.CreateAssetAsync()).Text("id"));
        using var other = RegistryNode.Create(graph, cache: withRedis ? null : "127.0.0.1:1");
        await other.StartAsync();
        var reader = other.Services.GetRequiredService<AssetReader>();
        var delays = new List<TimeSpan>();
        for (var i = 0; i < 15; i++)
        {
            await reader.GetAsync(id, default);
            using var patch = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = $"n{i}" }, ifMatch: "*");
            var etag = patch.Headers.ETag!.Tag;
            var since = Stopwatch.GetTimestamp();
            while ((await reader.GetAsync(id, default)).ETag != etag)
            {
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5), "The other replica never saw the write.");
                await Task.Delay(5);
            }
            delays.Add(Stopwatch.GetElapsedTime(since));
        }
        await other.StopAsync();

        // The median: single values also measure this machine's other work.
        Assert.InRange(delays.Order().ElementAt(delays.Count / 2), TimeSpan.Zero, Promised);
    }

    [Fact]
    public async Task Replica_that_died_between_commit_and_nudge_leaves_nothing_stale_behind()
    {
        var id = Guid.Parse((await graph.Api.CreateAssetAsync()).Text("id"));
        await graph.Api.GetJsonAsync($"{AssetsPath}/{id}");
        await using var db = Registry.Context(graph.Database);
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            var stamp = ChangeStamp.Create("dying", TimeProvider.System);
            var patch = AssetPatch.Parse(new PatchAsset { Name = System.Text.Json.JsonElement.Parse("\"after\"") }).Value!;
            await new AssetRegistry(db).PatchAsync(id, patch, "*", stamp, default);
            await db.SaveAsync(stamp, default);
            await transaction.CommitAsync();
        }

        // A replica that starts now knows of no nudge, and Redis still holds what was read before.
        using var fresh = RegistryNode.Create(graph);
        await fresh.StartAsync();
        await Task.Delay(Promised);
        var answer = await fresh.Services.GetRequiredService<AssetReader>().GetAsync(id, default);
        await fresh.StopAsync();

        Assert.Equal("\"2\"", answer.ETag);
    }

    [Fact]
    public async Task Feed_misses_no_commit_however_transactions_overlap()
    {
        using var node = RegistryNode.Create(graph);
        var feed = ActivatorUtilities.CreateInstance<ChangeFeed>(node.Services);
        var reader = node.Services.GetRequiredService<AssetReader>();
        var (early, late) = (Guid.Parse((await graph.Api.CreateAssetAsync()).Text("id")), Guid.Parse((await graph.Api.CreateAssetAsync()).Text("id")));
        await feed.ReadAsync(default);
        await reader.GetAsync(early, default);

        // A transaction that began first and commits last must not fall behind the reader's position.
        await using var slow = Registry.Context(graph.Database);
        await using var transaction = await slow.Database.BeginTransactionAsync();
        var stamp = ChangeStamp.Create("slow", TimeProvider.System);
        await new AssetRegistry(slow).RetireAsync(early, "slow", stamp, default);
        await slow.SaveAsync(stamp, default);
        using var retire = await graph.Api.PostAsync($"{AssetsPath}/{late}/retire", new { reason = "fast" });
        await feed.ReadAsync(default);
        await transaction.CommitAsync();
        await feed.ReadAsync(default);

        Assert.Equal("\"2\"", (await reader.GetAsync(early, default)).ETag);
        Assert.Equal("\"2\"", (await reader.GetAsync(late, default)).ETag);
    }

    [Fact]
    public async Task Asset_that_was_read_between_its_creation_and_a_change_is_forgotten_though_the_feed_reads_of_both_at_once()
    {
        using var node = RegistryNode.Create(graph);
        var feed = ActivatorUtilities.CreateInstance<ChangeFeed>(node.Services);
        var reader = node.Services.GetRequiredService<AssetReader>();
        await feed.ReadAsync(default);
        var id = Guid.Parse((await graph.Api.CreateAssetAsync()).Text("id"));
        Assert.Equal("\"1\"", (await reader.GetAsync(id, default)).ETag);
        using var patch = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = "changed at once" }, ifMatch: "*");

        await feed.ReadAsync(default);

        Assert.Equal(patch.Headers.ETag!.Tag, (await reader.GetAsync(id, default)).ETag);
    }

    [Fact]
    public async Task Feed_reads_by_its_index_however_little_is_known_of_the_table()
    {
        const int Looks = 50;
        await using var node = await FreshNode.CreateAsync(graph);
        await node.CreateAssetAsync();
        using var feed = ActivatorUtilities.CreateInstance<ChangeFeed>(node.Get<IServiceProvider>());
        // The first only finds its place.
        await feed.ReadAsync(default);

        for (var look = 0; look < Looks; look++)
        {
            await feed.ReadAsync(default);
        }

        // What a connection counts is told when it likes; nothing runs beside this, so there is only one.
        await node.QueryAsync(db => db.Database.ExecuteSqlAsync($"SELECT pg_stat_force_next_flush()"));
        var byIndex = await node.QueryAsync(db => db.Database.SqlQuery<long>($"SELECT idx_scan AS \"Value\" FROM pg_stat_user_tables WHERE relname = 'audit'").SingleAsync());
        var inFull = await node.QueryAsync(db => db.Database.SqlQuery<long>($"SELECT seq_scan AS \"Value\" FROM pg_stat_user_tables WHERE relname = 'audit'").SingleAsync());
        Assert.InRange(byIndex, Looks, long.MaxValue);
        Assert.InRange(inFull, 0, Looks / 2);
    }

    [Fact]
    public async Task Look_reads_what_is_new_alone_though_a_transaction_has_been_running_since_long_before()
    {
        const int Registered = 40, Looks = 20;
        await using var node = await FreshNode.CreateAsync(graph);
        using var feed = ActivatorUtilities.CreateInstance<ChangeFeed>(node.Get<IServiceProvider>());
        await using var slow = Registry.Context(node.Database);
        await using var import = await slow.Database.BeginTransactionAsync();
        await slow.Database.ExecuteSqlAsync($"SELECT pg_current_xact_id()");
        for (var i = 0; i < Registered; i++)
        {
            await node.CreateAssetAsync();
        }
        await feed.ReadAsync(default);
        var before = await FetchedAsync(node);

        for (var look = 0; look < Looks; look++)
        {
            await feed.ReadAsync(default);
        }

        Assert.InRange(await FetchedAsync(node) - before, 0, Looks);
    }

    [Fact]
    public async Task Numbers_that_a_logical_restore_brought_along_from_another_cluster_are_no_news_at_each_look()
    {
        await using var node = await FreshNode.CreateAsync(graph);
        using var feed = ActivatorUtilities.CreateInstance<ChangeFeed>(node.Get<IServiceProvider>());
        await node.CreateAssetAsync();
        await node.QueryAsync(db => db.Database.ExecuteSqlAsync($"SET session_replication_role = replica; UPDATE audit SET transaction_id = '4000000000'; RESET session_replication_role"));
        await feed.ReadAsync(default);
        // What was forgotten is forgotten once more, a second later.
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        await feed.ReadAsync(default);
        var stamp = node.Get<RegistryCache>().ListStamp;

        await feed.ReadAsync(default);
        Assert.Equal(stamp, node.Get<RegistryCache>().ListStamp);

        await node.CreateAssetAsync();
        var own = node.Get<RegistryCache>().ListStamp;
        await feed.ReadAsync(default);
        Assert.NotEqual(own, node.Get<RegistryCache>().ListStamp);
    }

    [Fact]
    public async Task Server_that_began_anew_may_have_lost_transactions_so_all_that_was_read_before_is_forgotten()
    {
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        await cluster.RunAsync("CREATE DATABASE registry");
        await using var node = FreshNode.Over(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Database = "registry" }.ConnectionString);
        await node.ScopedAsync(s => s.GetRequiredService<MigrationRunner>().RunAsync(CancellationToken.None));
        using var feed = ActivatorUtilities.CreateInstance<ChangeFeed>(node.Get<IServiceProvider>());
        var asset = await node.CreateAssetAsync();
        await feed.ReadAsync(default);
        Task<string?> NameAsync() => node.ScopedAsync(async s => System.Text.Json.JsonDocument.Parse((await s.GetRequiredService<AssetReader>().GetAsync(asset.Id, default)).Body).RootElement.GetProperty("name").GetString());
        Assert.Equal("a", await NameAsync());
        // Without a row of audit, as where the transaction that is read of has a number below those that were seen.
        await node.QueryAsync(db => db.Database.ExecuteSqlAsync($"UPDATE assets SET name = 'b'"));
        await feed.ReadAsync(default);
        Assert.Equal("a", await NameAsync());

        await cluster.StopAsync();
        await cluster.StartAsync();
        await feed.ReadAsync(default);

        Assert.Equal("b", await NameAsync());
    }

    private static async Task<long> FetchedAsync(FreshNode node)
    {
        await node.QueryAsync(db => db.Database.ExecuteSqlAsync($"SELECT pg_stat_force_next_flush()"));
        return await node.QueryAsync(db => db.Database.SqlQuery<long>($"SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS \"Value\" FROM pg_stat_user_tables WHERE relname = 'audit'").SingleAsync());
    }
}
