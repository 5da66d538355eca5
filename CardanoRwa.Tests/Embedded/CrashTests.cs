using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using CardanoRwa.Embedded;
using Npgsql;

namespace CardanoRwa.Tests.Embedded;

public sealed class CrashTests
{
    [Fact]
    public async Task Postgres_killed_under_a_busy_query_is_back_on_its_port_with_its_data()
    {
        await using var app = await Graph.StartAsync(b => b.AddPostgres("db").AddDatabase("things"));
        await app.HealthyAsync("things");
        var connection = (await app.GetConnectionStringAsync("things"))!;
        await ExecuteAsync(connection, "CREATE TABLE kept AS SELECT 1 AS one");

        // A backend that computes does not notice that its postmaster is gone, and holds on to the shared memory.
        var busy = ExecuteAsync(connection + ";Timeout=5", "SELECT count(*) FROM generate_series(1, 4000000000)");
        await Task.Delay(300);
        var watch = Stopwatch.StartNew();
        Kill(Assert.Single(app.GetProcessIds("db")));

        await Graph.UntilAsync(() => Answers(connection));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"It took {watch.Elapsed.TotalSeconds:0.0} s.");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => busy);
        await ExecuteAsync(connection, "INSERT INTO kept VALUES (2)");
    }

    [Fact]
    public async Task Cache_killed_is_back_on_its_port()
    {
        await using var app = await Graph.StartAsync(b => b.AddRedis("cache"));
        await app.HealthyAsync("cache");
        var (connection, first) = (await app.GetConnectionStringAsync("cache"), Assert.Single(app.GetProcessIds("cache")));

        Kill(first);
        await app.ResourceNotifications.WaitForResourceAsync("cache", e => e.Snapshot.State?.Text == KnownResourceStates.Starting).WaitAsync(Graph.Patience);
        await app.HealthyAsync("cache");

        Assert.Equal(connection, await app.GetConnectionStringAsync("cache"));
        Assert.NotEqual(first, Assert.Single(app.GetProcessIds("cache")));
    }

    [Fact]
    public async Task Replica_killed_leaves_the_others_answering_and_comes_back()
    {
        await using var app = await Graph.StartAsync(b => RespReplicas.Add(b, "resp", 3));
        await app.HealthyAsync("resp");
        await Graph.UntilAsync(() => app.GetProcessIds("resp").Count == 3);
        var port = app.GetEndpoint("resp", "tcp").Port;
        await Graph.UntilAsync(() => Enumerable.Range(0, 6).All(_ => RespReplicas.Answers(port)));
        Assert.Equal(["resp-1", "resp-2", "resp-3"], app.GetInstanceIds("resp"));
        await Task.Delay(TimeSpan.FromSeconds(3)); // Without a health check, having run for this long is what counts as having served.

        var victim = Assert.Single(app.GetProcessIds("resp-2"));
        Kill(victim);

        await Graph.UntilAsync(() => !Processes.IsRunning(victim));
        Assert.All(Enumerable.Range(0, 6), _ => Assert.True(RespReplicas.Answers(port)));
        await Graph.UntilAsync(() => app.GetProcessIds("resp-2") is [var again] && again != victim);
    }

    private static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    private static bool Answers(string connection)
    {
        try
        {
            using var probe = new NpgsqlConnection(connection + ";Pooling=false;Timeout=2");
            probe.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task ExecuteAsync(string connection, string sql)
    {
        await using var opened = new NpgsqlConnection(connection + ";Pooling=false");
        await opened.OpenAsync();
        await using var command = new NpgsqlCommand(sql, opened);
        await command.ExecuteNonQueryAsync();
    }
}
