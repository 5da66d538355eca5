using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using CardanoRwa.Tests.Wal;
using Lsn = NpgsqlTypes.NpgsqlLogSequenceNumber;

namespace CardanoRwa.Tests.Recovery;

/// <summary>A restore that starts its server: WAL arrives while it is replayed, and a server whose WAL does not arrive never takes writes.</summary>
public sealed class ReplayFeedTests
{
    private const int Rows = 6;

    [Theory]
    [InlineData(15, 16)]
    [InlineData(15, 1)]
    [InlineData(18, 1)]
    public async Task Server_replays_while_wal_is_fetched_and_takes_writes_exactly_at_its_target(int major, int fedFromSegments)
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(major);
        var written = await WriteAsync(vault, source);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "it's 100% data");
        // Given only once the server runs: a restore that fetched all of it first would wait for ever.
        var late = new Watched(written.Wal, name => fedFromSegments == 1 && written.IsOfRow(name, 4) ? WaitForAsync(Path.Combine(data, "postmaster.pid")) : Task.CompletedTask);

        var (result, server, restored) = await RestoreAsync(vault, major, data, new RestoreTarget.Position(written.After[4]), late, fedFromSegments);

        await using var _ = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(4, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await restored.RunAsync("INSERT INTO t VALUES (100)");
        Assert.Empty(Directory.EnumerateFiles(data, "*.signal"));
        Assert.False(RestoreMarker.IsIn(data));
        // Left as it was promoted, it comes up again by itself.
        await server.AbortAsync(default);
        await restored.StartAsync();
        Assert.Equal(100, await restored.AskAsync<int>("SELECT max(id) FROM t"));
    }

    [Fact]
    public async Task Latest_is_all_there_is_though_the_end_arrives_last()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var written = await WriteAsync(vault, source);
        var late = new Watched(written.Wal, name => written.IsOfRow(name, Rows) ? Task.Delay(1_500) : Task.CompletedTask);

        var (result, server, restored) = await RestoreAsync(vault, 15, Path.Combine(ThrowAwayCluster.NewFolder(), "data"), new RestoreTarget.Latest(), late);

        await using var _2 = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(Rows, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Server_that_is_at_its_target_waits_for_no_more_wal()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var written = await WriteAsync(vault, source, timeOfRow: 3);
        // Which segment a time lies in is not known beforehand, so all are wanted; the last never comes.
        var never = new Watched(written.Wal, (name, token) => written.IsOfRow(name, Rows) ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");

        var (result, server, restored) = await RestoreAsync(vault, 15, data, new RestoreTarget.Time(written.At[3]), never);

        await using var _ = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(3, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(data, "pg_wal"), "*.coming*"));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Store_that_fails_meanwhile_stops_the_server_and_the_restore_goes_on_when_it_is_run_again()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var written = await WriteAsync(vault, source);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        await InterruptAsync(vault, written, data);
        Assert.False(File.Exists(Path.Combine(data, "postmaster.pid")));
        Assert.False(ControlFile.IsInProduction(await File.ReadAllBytesAsync(Path.Combine(data, ControlFile.Path))));
        // The files are the server's now.
        var touched = File.GetLastWriteTimeUtc(Path.Combine(data, "PG_VERSION"));

        var (result, server, restored) = await RestoreAsync(vault, 15, data, new RestoreTarget.Latest(), written.Wal);

        await using var _ = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(touched, File.GetLastWriteTimeUtc(Path.Combine(data, "PG_VERSION")));
        Assert.Equal(Rows, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await restored.RunAsync("INSERT INTO t VALUES (100)");
        Assert.False(RestoreMarker.IsIn(data));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Restore_that_was_killed_goes_on_with_the_server_that_it_left_waiting()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var written = await WriteAsync(vault, source);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        await InterruptAsync(vault, written, data);
        // As a killed one leaves it: with what had come, and a server that waits for the rest.
        var server = await ServerAsync(15, data);
        var waiting = await ThrowAwayCluster.OnAsync(15, data);
        using var stop = new CancellationTokenSource();
        Assert.Null(await server.StartAsync(waiting.Port, ["max_wal_senders=10"], new RecoveryProgress(TimeProvider.System), stop.Token, asStandby: true));
        Assert.True(await waiting.AskAsync<bool>("SELECT pg_is_in_recovery()"));

        var (result, _, restored) = await RestoreAsync(vault, 15, data, new RestoreTarget.Latest(), written.Wal);

        await using var _2 = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(Rows, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await restored.RunAsync("INSERT INTO t VALUES (100)");
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Restore_that_was_killed_when_its_server_took_writes_already_touches_nothing()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var written = await WriteAsync(vault, source);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        await InterruptAsync(vault, written, data);
        var marker = await File.ReadAllBytesAsync(Path.Combine(data, RestoreMarker.FileName));
        var (_, server, promoted) = await RestoreAsync(vault, 15, data, new RestoreTarget.Latest(), written.Wal);
        await promoted.RunAsync("INSERT INTO t VALUES (100)");
        await server.AbortAsync(default);
        await File.WriteAllBytesAsync(Path.Combine(data, RestoreMarker.FileName), marker);

        var (result, _, restored) = await RestoreAsync(vault, 15, data, new RestoreTarget.Latest(), new Watched(written.Wal, name => throw new InvalidOperationException($"{name} is not needed.")));

        await using var _2 = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(100, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        Assert.False(RestoreMarker.IsIn(data));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Interrupted_replay_goes_on_to_its_own_target_only_and_one_at_a_time()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var written = await WriteAsync(vault, source);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        await InterruptAsync(vault, written, data);

        Assert.Equal("restore.other-target", await RefusedAsync(new RestoreRequest(data, new RestoreTarget.Latest())));
        Assert.Equal("restore.other-target", await RefusedAsync(new RestoreRequest(data, new RestoreTarget.Position(written.After[2])) { Start = new RestoreStart(await ServerAsync(15, data), 1) }));
        using (Vault.Value(RestoreMarker.Open(data, (await vault.Catalogue.ListAsync(null, default)).Backups[^1].Manifest.Id)))
        {
            Assert.Equal("restore.in-progress", await RefusedAsync(new RestoreRequest(data, new RestoreTarget.Latest())));
        }
        Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);

        async Task<string> RefusedAsync(RestoreRequest request) => (await vault.TryRestoreAsync(request, wal: written.Wal)).Refusal!.Code;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Source_that_was_given_more_connections_after_its_backup_is_restored_all_the_same(bool hasTarget)
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var written = await WriteAsync(vault, source, afterBackup: async () =>
        {
            await source.StopAsync();
            await source.StartAsync("max_connections=250");
        });

        var (result, server, restored) = await RestoreAsync(
            vault, 15, Path.Combine(ThrowAwayCluster.NewFolder(), "data"), hasTarget ? new RestoreTarget.Position(written.After[4]) : new RestoreTarget.Latest(), written.Wal);

        await using var _ = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(hasTarget, (await File.ReadAllTextAsync(server.Log)).Contains("insufficient parameter settings", StringComparison.Ordinal));
        Assert.Equal(hasTarget ? 4 : Rows, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await restored.RunAsync("INSERT INTO t VALUES (100)");
        await server.AbortAsync(default);
    }

    [Fact]
    public void Where_a_timeline_was_left_both_segments_are_there_before_the_server_looks()
    {
        string[] segments = [.. new[] { 3, 4, 5, 6, 7 }.Select(n => Name(1, n)), .. new[] { 7, 8, 9 }.Select(n => Name(2, n))];

        var feed = new ReplayFeed("/nowhere", owner: null, segments, 16 << 20);

        Assert.Equal([Name(1, 3), Name(1, 4), Name(1, 7), Name(2, 7)], feed.Before);
        Assert.Equal([Name(1, 5), Name(1, 6), Name(2, 8), Name(2, 9)], feed.Meanwhile);

        static string Name(uint timeline, int number) => WalNames.Segment(timeline, (ulong)number, 16 << 20);
    }

    /// <summary>A restore to the latest, whose store fails when it is asked for the last segment, and the server runs.</summary>
    private static async Task InterruptAsync(Vault vault, Written written, string data)
    {
        var failing = new Watched(written.Wal, async name =>
        {
            if (written.IsOfRow(name, Rows))
            {
                await WaitForAsync(Path.Combine(data, "postmaster.pid"));
                throw new StoreException("one", "it went away", isTransient: false);
            }
        });
        await Assert.ThrowsAsync<StoreException>(() => RestoreAsync(vault, 15, data, new RestoreTarget.Latest(), failing));
    }

    /// <param name="Wal">Where it is.</param>
    /// <param name="After">The position behind each row.</param>
    /// <param name="At">A time behind each row and before the next.</param>
    /// <param name="Segments">In which each row lies.</param>
    private sealed record Written(WalSource Wal, Dictionary<int, Lsn> After, Dictionary<int, DateTimeOffset> At, Dictionary<int, string> Segments)
    {
        public bool IsOfRow(string name, int row) => Segments[row] == name;
    }

    /// <summary>Rows, each in a segment of its own.</summary>
    private static async Task<Written> WriteAsync(Vault vault, ThrowAwayCluster source, Func<Task>? afterBackup = null, int? timeOfRow = null)
    {
        await source.RunAsync("CREATE TABLE t (id int PRIMARY KEY)");
        var written = new Written(new WalSource([.. vault.Stores], vault.Reader), [], [], []);
        await using var receiver = Harness.Start(source, vault);
        await Harness.UntilAsync(() => receiver.Now.Stores.Count > 0, () => receiver.Now.ToString());
        await vault.BackUpAsync(source);
        await (afterBackup?.Invoke() ?? Task.CompletedTask);
        for (var id = 1; id <= Rows; id++)
        {
            await source.RunAsync($"INSERT INTO t VALUES ({id})");
            written.After[id] = await source.AskAsync<Lsn>("SELECT pg_current_wal_insert_lsn()");
            written.At[id] = new DateTimeOffset(await source.AskAsync<DateTime>("SELECT clock_timestamp()"));
            written.Segments[id] = await source.AskAsync<string>("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
            await source.RunAsync("SELECT pg_switch_wal()");
        }
        await receiver.StoredAsync(source, [.. vault.Stores.Select(s => s.Name)]);
        if (timeOfRow is { } row)
        {
            var planner = new RestoreRun([.. vault.Stores], vault.Reader, written.Wal, TimeProvider.System).Planner;
            // The next beat tells the stores how far they reach.
            while ((await planner.WindowsAsync(default))[^1].ToAt <= written.At[row])
            {
                await Task.Delay(100);
            }
        }
        return written;
    }

    private static async Task<RestoredServer> ServerAsync(int major, string data)
    {
        var binaries = await ThrowAwayCluster.BinariesAsync(major);
        return new RestoredServer(new PostgresPrograms(binaries.Folder, binaries.Major), data, TimeProvider.System);
    }

    private static async Task<(RestoreResult Result, RestoredServer Server, ThrowAwayCluster Cluster)> RestoreAsync(Vault vault, int major, string data, RestoreTarget target, IWalSource wal, int fedFromSegments = 1)
    {
        var cluster = await ThrowAwayCluster.OnAsync(major, data);
        var server = await ServerAsync(major, data);
        var result = Vault.Value(await vault.TryRestoreAsync(new RestoreRequest(data, target) { Start = new RestoreStart(server, cluster.Port) { FedFromSegments = fedFromSegments } }, wal: wal));
        return (result, server, cluster);
    }

    private static async Task WaitForAsync(string path)
    {
        for (var i = 0; i < 600 && !File.Exists(path); i++)
        {
            await Task.Delay(50);
        }
        Assert.True(File.Exists(path), $"{path} is not there.");
    }

    private sealed class Watched(IWalSource inner, Func<string, CancellationToken, Task> before) : IWalSource
    {
        public Watched(IWalSource inner, Func<string, Task> before) : this(inner, (name, _) => before(name))
        {
        }

        public Task<WalInventory> InventoryAsync(string systemId, CancellationToken cancellationToken) => inner.InventoryAsync(systemId, cancellationToken);

        public async Task<bool> FetchAsync(string systemId, string name, string destinationPath, CancellationToken cancellationToken)
        {
            await before(name, cancellationToken);
            return await inner.FetchAsync(systemId, name, destinationPath, cancellationToken);
        }
    }
}
