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
        await using var lab = await Lab.CreateAsync(major, data: "it's 100% data");
        // Given only once the server runs: a restore that fetched all of it first would wait for ever.
        var late = new Watched(lab.Wal, name => fedFromSegments == 1 && lab.IsOfRow(name, 4) ? WaitForAsync(Path.Combine(lab.Data, "postmaster.pid")) : Task.CompletedTask);

        var (result, server, restored) = await lab.RestoreAsync(new RestoreTarget.Position(lab.After[4]), late, fedFromSegments);

        await using var _ = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(4, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await restored.RunAsync("INSERT INTO t VALUES (100)");
        Assert.Empty(Directory.EnumerateFiles(lab.Data, "*.signal"));
        Assert.False(RestoreMarker.IsIn(lab.Data));
        // Left as it was promoted, it comes up again by itself.
        await server.AbortAsync(default);
        await restored.StartAsync();
        Assert.Equal(100, await restored.AskAsync<int>("SELECT max(id) FROM t"));
    }

    [Fact]
    public async Task Latest_is_all_there_is_though_the_end_arrives_last()
    {
        await using var lab = await Lab.CreateAsync();
        var late = new Watched(lab.Wal, name => lab.IsOfRow(name, Rows) ? Task.Delay(1_500) : Task.CompletedTask);

        var (result, server, restored) = await lab.RestoreAsync(new RestoreTarget.Latest(), late);

        await using var _2 = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(Rows, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Server_that_is_at_its_target_waits_for_no_more_wal()
    {
        await using var lab = await Lab.CreateAsync(timeOfRow: 3);
        // Which segment a time lies in is not known beforehand, so all are wanted; the last never comes.
        var never = new Watched(lab.Wal, (name, token) => lab.IsOfRow(name, Rows) ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask);

        var (result, server, restored) = await lab.RestoreAsync(new RestoreTarget.Time(lab.At[3]), never);

        await using var _ = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(3, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(lab.Data, "pg_wal"), "*.coming*"));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Store_that_fails_meanwhile_stops_the_server_and_the_restore_goes_on_when_it_is_run_again()
    {
        await using var lab = await Lab.CreateAsync();
        await lab.InterruptAsync();
        Assert.False(File.Exists(Path.Combine(lab.Data, "postmaster.pid")));
        Assert.False(ControlFile.IsInProduction(await File.ReadAllBytesAsync(Path.Combine(lab.Data, ControlFile.Path))));
        // The files are the server's now.
        var touched = File.GetLastWriteTimeUtc(Path.Combine(lab.Data, "PG_VERSION"));

        var (result, server, restored) = await lab.RestoreAsync(new RestoreTarget.Latest(), lab.Wal);

        await using var _ = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(touched, File.GetLastWriteTimeUtc(Path.Combine(lab.Data, "PG_VERSION")));
        Assert.Equal(Rows, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await restored.RunAsync("INSERT INTO t VALUES (100)");
        Assert.False(RestoreMarker.IsIn(lab.Data));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Restore_that_was_killed_goes_on_with_the_server_that_it_left_waiting()
    {
        await using var lab = await Lab.CreateAsync();
        await lab.InterruptAsync();
        // As a killed one leaves it: with what had come, and a server that waits for the rest.
        var server = await lab.ServerAsync();
        var waiting = await ThrowAwayCluster.OnAsync(15, lab.Data);
        Assert.Null(await server.StartAsync(waiting.Port, [], new RecoveryProgress(TimeProvider.System), default, asStandby: true));
        Assert.True(await waiting.AskAsync<bool>("SELECT pg_is_in_recovery()"));

        var (result, _, restored) = await lab.RestoreAsync(new RestoreTarget.Latest(), lab.Wal);

        await using var _2 = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(Rows, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await restored.RunAsync("INSERT INTO t VALUES (100)");
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Restore_that_was_killed_when_its_server_took_writes_already_touches_nothing()
    {
        await using var lab = await Lab.CreateAsync();
        await lab.InterruptAsync();
        var marker = await File.ReadAllBytesAsync(Path.Combine(lab.Data, RestoreMarker.FileName));
        var (_, server, promoted) = await lab.RestoreAsync(new RestoreTarget.Latest(), lab.Wal);
        await promoted.RunAsync("INSERT INTO t VALUES (100)");
        await server.AbortAsync(default);
        await File.WriteAllBytesAsync(Path.Combine(lab.Data, RestoreMarker.FileName), marker);

        var (result, _, restored) = await lab.RestoreAsync(new RestoreTarget.Latest(), new Watched(lab.Wal, name => throw new InvalidOperationException($"{name} is not needed.")));

        await using var _2 = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(100, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        Assert.False(RestoreMarker.IsIn(lab.Data));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Interrupted_replay_goes_on_to_its_own_target_only_and_one_at_a_time()
    {
        await using var lab = await Lab.CreateAsync();
        await lab.InterruptAsync();

        Assert.Equal("restore.other-target", await RefusedAsync(new RestoreRequest(lab.Data, new RestoreTarget.Latest())));
        Assert.Equal("restore.other-target", await RefusedAsync(new RestoreRequest(lab.Data, new RestoreTarget.Position(lab.After[2])) { Start = new RestoreStart(await lab.ServerAsync(), 1) }));
        using (Vault.Value(RestoreMarker.Open(lab.Data, (await lab.Vault.Catalogue.ListAsync(null, default)).Backups[^1].Manifest.Id)))
        {
            Assert.Equal("restore.in-progress", await RefusedAsync(new RestoreRequest(lab.Data, new RestoreTarget.Latest())));
        }
        Directory.Delete(Path.GetDirectoryName(lab.Data)!, recursive: true);

        async Task<string> RefusedAsync(RestoreRequest request) => (await lab.Vault.TryRestoreAsync(request, wal: lab.Wal)).Refusal!.Code;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Source_that_was_given_more_connections_after_its_backup_is_restored_all_the_same(bool hasTarget)
    {
        await using var lab = await Lab.CreateAsync(afterBackup: async source =>
        {
            await source.StopAsync();
            await source.StartAsync("max_connections=250");
        });

        var (result, server, restored) = await lab.RestoreAsync(
            hasTarget ? new RestoreTarget.Position(lab.After[4]) : new RestoreTarget.Latest(), lab.Wal);

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

    [Fact]
    public async Task Signal_of_an_interrupted_run_that_was_to_start_its_server_is_not_left_to_one_that_does_not()
    {
        await using var lab = await Lab.CreateAsync();
        Directory.CreateDirectory(lab.Data);
        Vault.Value(RestoreMarker.Open(lab.Data, (await lab.Vault.Catalogue.ListAsync(null, default)).Backups[^1].Manifest.Id)).Dispose();
        await File.WriteAllTextAsync(Path.Combine(lab.Data, ReplayFeed.SignalFile), "");

        Vault.Value(await lab.Vault.TryRestoreAsync(new RestoreRequest(lab.Data, new RestoreTarget.Latest()), wal: lab.Wal));

        Assert.Equal("recovery.signal", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(lab.Data, "*.signal"))));
        await using var restored = await ThrowAwayCluster.OnAsync(15, lab.Data);
        await restored.StartAsync();
        Assert.Equal(Rows, await restored.AskAsync<int>("SELECT max(id) FROM t"));
    }

    private static async Task WaitForAsync(string path)
    {
        for (var i = 0; i < 600 && !File.Exists(path); i++)
        {
            await Task.Delay(50);
        }
        Assert.True(File.Exists(path), $"{path} is not there.");
    }

    /// <summary>A backup and rows after it, each in a segment of its own, to be restored into a directory.</summary>
    private sealed class Lab(int major, string data, ThrowAwayCluster source) : IAsyncDisposable
    {
        public Vault Vault { get; } = new(new MemoryStore());
        public string Data => data;
        public WalSource Wal => field ??= new WalSource([.. Vault.Stores], Vault.Reader);

        /// <summary>The position behind each row.</summary>
        public Dictionary<int, Lsn> After { get; } = [];

        /// <summary>A time behind each row and before the next.</summary>
        public Dictionary<int, DateTimeOffset> At { get; } = [];

        private Dictionary<int, string> Segments { get; } = [];

        public bool IsOfRow(string name, int row) => Segments[row] == name;

        /// <param name="major">Of Postgres.</param>
        /// <param name="data">The directory's name.</param>
        /// <param name="afterBackup">Done to the source before the rows are written.</param>
        /// <param name="timeOfRow">Waits until the stores reach as far.</param>
        public static async Task<Lab> CreateAsync(int major = 15, string data = "data", Func<ThrowAwayCluster, Task>? afterBackup = null, int? timeOfRow = null)
        {
            var lab = new Lab(major, Path.Combine(ThrowAwayCluster.NewFolder(), data), await ThrowAwayCluster.CreateAsync(major));
            await lab.WriteAsync(afterBackup, timeOfRow);
            return lab;
        }

        private async Task WriteAsync(Func<ThrowAwayCluster, Task>? afterBackup, int? timeOfRow)
        {
            await source.RunAsync("CREATE TABLE t (id int PRIMARY KEY)");
            await using var receiver = Harness.Start(source, Vault);
            await Harness.UntilAsync(() => receiver.Now.Stores.Count > 0, () => receiver.Now.ToString());
            await Vault.BackUpAsync(source);
            await (afterBackup?.Invoke(source) ?? Task.CompletedTask);
            for (var id = 1; id <= Rows; id++)
            {
                await source.RunAsync($"INSERT INTO t VALUES ({id})");
                After[id] = await source.AskAsync<Lsn>("SELECT pg_current_wal_insert_lsn()");
                At[id] = new DateTimeOffset(await source.AskAsync<DateTime>("SELECT clock_timestamp()"));
                Segments[id] = await source.AskAsync<string>("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
                await source.RunAsync("SELECT pg_switch_wal()");
            }
            await receiver.StoredAsync(source, [.. Vault.Stores.Select(s => s.Name)]);
            if (timeOfRow is { } row)
            {
                var planner = new RestoreRun([.. Vault.Stores], Vault.Reader, Wal, TimeProvider.System).Planner;
                // The next beat tells the stores how far they reach.
                while ((await planner.WindowsAsync(default))[^1].ToAt <= At[row])
                {
                    await Task.Delay(100);
                }
            }
        }

        public async Task<RestoredServer> ServerAsync()
        {
            var binaries = await ThrowAwayCluster.BinariesAsync(major);
            return new RestoredServer(new PostgresPrograms(binaries.Folder, binaries.Major), data, TimeProvider.System);
        }

        public async Task<(RestoreResult Result, RestoredServer Server, ThrowAwayCluster Cluster)> RestoreAsync(RestoreTarget target, IWalSource wal, int fedFromSegments = 1)
        {
            var cluster = await ThrowAwayCluster.OnAsync(major, data);
            var server = await ServerAsync();
            var result = Vault.Value(await Vault.TryRestoreAsync(new RestoreRequest(data, target) { Start = new RestoreStart(server, cluster.Port) { FedFromSegments = fedFromSegments } }, wal: wal));
            return (result, server, cluster);
        }

        /// <summary>A restore to the latest, whose store fails when it is asked for the last segment, and the server runs.</summary>
        public async Task InterruptAsync()
        {
            var failing = new Watched(Wal, async name =>
            {
                if (IsOfRow(name, Rows))
                {
                    await WaitForAsync(Path.Combine(data, "postmaster.pid"));
                    throw new StoreException("one", "it went away", isTransient: false);
                }
            });
            await Assert.ThrowsAsync<StoreException>(() => RestoreAsync(new RestoreTarget.Latest(), failing));
        }

        public async ValueTask DisposeAsync()
        {
            await source.DisposeAsync();
            Vault.Dispose();
        }
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
