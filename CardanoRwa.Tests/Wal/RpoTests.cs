using System.Diagnostics;
using System.Globalization;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using CardanoRwa.Tests.Recovery;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit.Abstractions;

namespace CardanoRwa.Tests.Wal;

/// <summary>
/// The receiver is ended, every process of the database killed and its data directory deleted, all at one moment; what comes back from a
/// folder and a key is compared with what was acknowledged. RWA_RPO_ROUNDS makes more rounds of it than the suite has time for.
/// </summary>
public sealed class RpoTests(ITestOutputHelper output)
{
    // What is claimed is a second; what is asserted leaves room for a machine that stalls.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("RWA_RPO_ROUNDS") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Acknowledged_commits_older_than_a_moment_survive_the_loss_of_everything_but_the_store()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var result = await RunAsync(isSynchronous: false);
            output.WriteLine(result.ToString());
            Assert.True(result.Lost < Bound, result.ToString());
        }
    }

    [Fact]
    public async Task Synchronous_mode_loses_no_acknowledged_commit()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var result = await RunAsync(isSynchronous: true);
            output.WriteLine(result.ToString());
            Assert.True(result.Restored >= result.Acknowledged, result.ToString());
        }
    }

    private static async Task<Result> RunAsync(bool isSynchronous)
    {
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        IObjectStore[] stores = [new LocalFolderStore("local", new StoreOptions { Kind = StoreOptions.Folder, Path = Path.Combine(cluster.Parent, "store"), Create = true }, TimeProvider.System)];
        using var identity = Identity.New();
        var keys = new KeyRing(stores, [identity.Recipient], [identity], TimeProvider.System);
        var options = new WalOptions { SpoolPath = Path.Combine(cluster.Parent, "spool"), Synchronous = isSynchronous };
        using var stop = new CancellationTokenSource();
        var receiver = new WalReceiver(cluster.ConnectionString, stores, keys, options, TimeProvider.System, NullLogger<WalReceiver>.Instance);
        var running = receiver.RunAsync(stop.Token);
        await Harness.UntilAsync(() => receiver.Report.Snapshot().Stores.Any(s => s.Durable is not null), () => $"{receiver.Report.Snapshot()}");
        Vault.Value(await new BaseBackup(stores, keys, TimeProvider.System).RunAsync(new BackupRequest(cluster.ConnectionString), new RecoveryProgress(TimeProvider.System), default));
        await cluster.RunAsync("CREATE TABLE sentinels (id bigint)");
        if (isSynchronous)
        {
            await cluster.RunAsync("ALTER SYSTEM SET synchronous_standby_names = 'rwa_wal'");
            await cluster.RunAsync("SELECT pg_reload_conf()");
        }

        var acknowledged = new List<long>();
        var writing = WriteAsync(cluster, acknowledged);
        await Task.Delay(TimeSpan.FromSeconds(3));
        // The receiver goes first: what it has not stored by now is lost, though it lies in its spool.
        await stop.CancelAsync();
        await running.ContinueWith(static _ => { }, TaskScheduler.Default);
        await receiver.DisposeAsync();
        await cluster.KillAndDeleteAsync();
        await writing;

        var since = Stopwatch.GetTimestamp();
        Vault.Value(await new RestoreRun(stores, keys, new WalSource(stores, keys), TimeProvider.System)
            .RunAsync(new RestoreRequest(cluster.Data, new RestoreTarget.Latest()), new RecoveryProgress(TimeProvider.System), default));
        await using var restored = await ThrowAwayCluster.OnAsync(15, cluster.Data);
        await restored.StartAsync(isSynchronous ? ["synchronous_standby_names="] : []);
        var last = await restored.AskAsync<long>("SELECT coalesce(max(id), 0) FROM sentinels");
        var count = await restored.AskAsync<long>("SELECT count(*) FROM sentinels");
        Assert.Equal(last, count);
        var took = Stopwatch.GetElapsedTime(since);
        await restored.StopAsync();

        var lost = last >= acknowledged.Count ? TimeSpan.Zero : Stopwatch.GetElapsedTime(acknowledged[Math.Max(0, (int)last - 1)], acknowledged[^1]);
        var latency = Stopwatch.GetElapsedTime(acknowledged[0], acknowledged[^1]) / acknowledged.Count;
        return new Result(isSynchronous ? "synchronous" : "asynchronous", acknowledged.Count, last, lost, latency, took);
    }

    /// <summary>One commit after another; the number of a sentinel is its place in the list of acknowledgements.</summary>
    private static async Task WriteAsync(ThrowAwayCluster cluster, List<long> acknowledged)
    {
        try
        {
            await using var connection = await cluster.OpenAsync();
            await using var command = new NpgsqlCommand("INSERT INTO sentinels VALUES ($1)", connection);
            var id = command.Parameters.Add(new NpgsqlParameter<long>());
            while (true)
            {
                id.Value = acknowledged.Count + 1L;
                await command.ExecuteNonQueryAsync();
                acknowledged.Add(Stopwatch.GetTimestamp());
            }
        }
        catch (NpgsqlException)
        {
            // The database is gone; the commit in the air was not acknowledged.
        }
    }

    private sealed record Result(string Mode, int Acknowledged, long Restored, TimeSpan Lost, TimeSpan CommitEvery, TimeSpan RestoreAndStart)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"RPO {Mode}: acknowledged {Acknowledged}, restored {Restored}, lost {Lost.TotalSeconds:0.000} s; a commit every {CommitEvery.TotalMilliseconds:0.00} ms; back after {RestoreAndStart.TotalSeconds:0.00} s");
    }
}
