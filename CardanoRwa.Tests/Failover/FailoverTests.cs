using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using CardanoRwa.Embedded;
using CardanoRwa.Embedded.Processes;
using CardanoRwa.Tests.Embedded;
using CardanoRwa.Tests.Recovery;
using Npgsql;
using EmbeddedGraph = CardanoRwa.Tests.Embedded.Graph;

namespace CardanoRwa.Tests.Failover;

/// <summary>The whole graph on a pair of databases. <c>tests/dr/failover.sh 200</c> makes many more rounds of the same.</summary>
public sealed class FailoverTests
{
    [Fact]
    public async Task Primary_killed_twice_under_writes_is_replaced_and_nothing_acknowledged_is_lost()
    {
        var stores = Directory.CreateTempSubdirectory("failover-").FullName;
        await using var app = await StartAsync("--Standby:Enabled=true", "--Standby:Synchronous=true");
        using var api = app.CreateHttpClient("api");
        await app.LinesAsync("api", lines => lines.Any(l => l.Contains("Rehearsed a failover in", StringComparison.Ordinal)));
        string[] settings =
        [
            $"ConnectionStrings__rwadb={await app.GetConnectionStringAsync("rwadb")}", "ASPNETCORE_ENVIRONMENT=Development", $"Recovery__DataFolder={stores}/data",
            "Recovery__Stores__main__Kind=folder", $"Recovery__Stores__main__Path={stores}/store", "Recovery__Stores__main__Create=true", $"Recovery__IdentityFile={stores}/data/development-identity", "RWA_API_KEY=rwa-dev-key",
        ];

        var (refused, _, why) = await WorkerVerb.RunAsync(settings, "failover", "promote", "--yes-the-old-primary-is-dead");
        Assert.Equal(1, refused);
        // It answers; or listens only, while a busy machine still starts it.
        Assert.Contains("failover.primary-", why, StringComparison.Ordinal);

        var (code, output, said) = await WorkerVerb.RunAsync(settings, "drill", "failover", "--yes-kill-the-primary", "--rounds", "2", "--synchronous", "--api", api.BaseAddress!.ToString(), "--json");

        Assert.True(code is 0 or 3, said);
        var report = JsonDocument.Parse(output).RootElement;
        // How fast is measured elsewhere: this machine may be doing other things.
        Assert.All(report.GetProperty("failures").EnumerateArray(), f => Assert.StartsWith("first-write:", f.GetString(), StringComparison.Ordinal));
        var rounds = report.GetProperty("rounds").EnumerateArray().ToList();
        Assert.Equal(2, rounds.Count);
        Assert.Equal(rounds[0].GetProperty("killed").GetString(), rounds[1].GetProperty("promoted").GetString());
        Assert.All(rounds, r =>
        {
            Assert.True(r.GetProperty("acknowledged").GetInt64() > 0);
            Assert.Equal((0, 0, 0), (r.GetProperty("lost").GetInt64(), r.GetProperty("twoWriters").GetInt64(), r.GetProperty("oldTookWrites").GetInt64()));
        });
        Assert.Single(Directory.GetFiles(stores, "report.json", SearchOption.AllDirectories));
        Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "failover", "status")).Code);
        Directory.Delete(stores, recursive: true);
    }

    [Fact]
    public async Task Primary_that_dies_stays_down_until_the_standby_is_promoted_and_the_next_start_knows_which_is_which()
    {
        var folder = ThrowAwayCluster.NewFolder();
        string[] args = ["--Standby:Enabled=true", $"--Embedded:DataFolder={folder}"];
        await using (var app = await PairAsync(args))
        {
            var (pair, first) = (await app.GetConnectionStringAsync("db"), Assert.Single(app.GetProcessIds("db")));
            await FollowedAsync(pair!);
            await RunAsync(pair!, "CREATE TABLE kept AS SELECT 1 AS n");
            await SettledAsync(pair!);
            Unix.Signal(first, Unix.SigKill);

            await app.LinesAsync("db", lines => lines.Any(l => l.Contains("does not start again by itself", StringComparison.Ordinal)));
            Assert.Empty(app.GetProcessIds("db"));
            string[] settings = [$"ConnectionStrings__rwadb={pair}"];
            var (refused, _, why) = await WorkerVerb.RunAsync(settings, "failover", "promote", "--yes-the-old-primary-is-dead");
            Assert.Equal((1, true), (refused, why.Contains("failover.may-lose", StringComparison.Ordinal)));
            Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "failover", "promote", "--yes-the-old-primary-is-dead", "--accept-loss")).Code);

            await FollowedAsync(pair!);
            await RunAsync(pair!, "INSERT INTO kept VALUES (2)");
            await SettledAsync(pair!);
        }

        var alone = await Assert.ThrowsAsync<DistributedApplicationException>(() => EmbeddedGraph.StartAsync(b => b.AddPostgres("db"), $"--Embedded:DataFolder={folder}"));
        Assert.Contains("--standby", alone.Message, StringComparison.Ordinal);
        await using (var again = await PairAsync(args))
        {
            var pair = (await again.GetConnectionStringAsync("db"))!;
            await FollowedAsync(pair);
            Assert.False(File.Exists(Path.Combine(folder, "db-standby", "data", "standby.signal")));
            Assert.True(File.Exists(Path.Combine(folder, "db", "data", "standby.signal")));
            await using var source = new NpgsqlConnection(pair);
            await source.OpenAsync();
            Assert.Equal(2L, await new NpgsqlCommand("SELECT count(*) FROM kept", source).ExecuteScalarAsync());
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<DistributedApplication> StartAsync(params string[] args)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.CardanoRwa_AppHost>(args);
        var app = await builder.BuildAsync();
        await app.StartAsync().WaitAsync(TimeSpan.FromMinutes(2));
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api").WaitAsync(TimeSpan.FromMinutes(2));
        return app;
    }

    private static async Task<DistributedApplication> PairAsync(string[] args)
    {
        var app = await EmbeddedGraph.StartAsync(b => b.AddPostgres("db"), args);
        await app.HealthyAsync("db");
        await app.HealthyAsync("db-standby");
        return app;
    }

    private static Task FollowedAsync(string pair) => UntilAsync(pair, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming')");

    /// <summary>The standby has all there is now.</summary>
    private static Task SettledAsync(string pair) => UntilAsync(pair, "SELECT coalesce(bool_and(flush_lsn >= pg_current_wal_flush_lsn()), false) FROM pg_stat_replication");

    private static async Task UntilAsync(string pair, string question)
    {
        using var timeout = new CancellationTokenSource(EmbeddedGraph.Patience);
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(pair) { Pooling = false }.ConnectionString);
                await connection.OpenAsync(timeout.Token);
                if (await new NpgsqlCommand(question, connection).ExecuteScalarAsync(timeout.Token) is true)
                {
                    return;
                }
            }
            catch (NpgsqlException) when (!timeout.IsCancellationRequested)
            {
                // None of the two is a primary yet.
            }
            await Task.Delay(50, timeout.Token);
        }
    }

    private static async Task RunAsync(string pair, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(pair) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await new NpgsqlCommand(sql, connection).ExecuteNonQueryAsync();
    }
}
