using System.Diagnostics;
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
    [Theory]
    [InlineData(15, 16)]
    [InlineData(15, 1)]
    [InlineData(18, 1)]
    public async Task Server_replays_while_wal_is_fetched_and_takes_writes_exactly_at_its_target(int major, int promotedFromSegments)
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(major);
        var (wal, lsn) = await WriteAsync(vault, source);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "it's 100% data");
        // None is given before the server runs: a restore that fetched all of it first would wait for ever.
        var late = new Watched(wal, (_, _) => WaitForAsync(Path.Combine(data, "postmaster.pid")));

        var (result, server, restored) = await RestoreAsync(vault, major, data, new RestoreTarget.Position(lsn), late, promotedFromSegments);

        await using var _ = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(2, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await restored.RunAsync("INSERT INTO t VALUES (100)");
        Assert.Equal("false", await restored.AskAsync<string>("SELECT setting FROM pg_file_settings WHERE name = 'restore_command'"));
        Assert.False(Directory.Exists($"{data}-wal"));
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
        var (wal, _) = await WriteAsync(vault, source);
        var late = new Watched(wal, (name, newest) => name == newest ? Task.Delay(1_500) : Task.CompletedTask);

        var (result, server, restored) = await RestoreAsync(vault, 15, Path.Combine(ThrowAwayCluster.NewFolder(), "data"), new RestoreTarget.Latest(), late);

        await using var _2 = restored;
        Assert.Null(result.StartFault);
        Assert.Equal(4, await restored.AskAsync<int>("SELECT max(id) FROM t"));
        await server.AbortAsync(default);
    }

    [Fact]
    public async Task Store_that_fails_meanwhile_stops_the_server_before_it_takes_writes()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var (wal, _) = await WriteAsync(vault, source);
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        var failing = new Watched(wal, async (name, newest) =>
        {
            if (name == newest)
            {
                await WaitForAsync(Path.Combine(data, "postmaster.pid"));
                throw new StoreException("one", "it went away", isTransient: false);
            }
        });

        // Without a target, a segment that is merely missing would be taken for the end.
        await Assert.ThrowsAsync<StoreException>(() => RestoreAsync(vault, 15, data, new RestoreTarget.Latest(), failing));

        Assert.False(File.Exists(Path.Combine(data, "postmaster.pid")));
        Assert.False(ControlFile.IsInProduction(await File.ReadAllBytesAsync(Path.Combine(data, ControlFile.Path))));
        Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);
    }

    [Fact]
    public async Task Command_stops_the_server_once_nobody_brings_its_wal_any_more()
    {
        var folder = ThrowAwayCluster.NewFolder();
        var feed = ReplayFeed.Create(Path.Combine(folder, "data"), owner: null, ["A", "B"]);
        var (take, a) = (Path.Combine(folder, "data-wal", "take"), Path.Combine(folder, "data-wal", "A"));
        await File.WriteAllTextAsync(a, "first");

        Assert.Equal(0, await TakeAsync("A"));
        Assert.Equal("first", await File.ReadAllTextAsync(Path.Combine(folder, "taken")));
        // The server asks for one again, and for what was never meant to come.
        Assert.Equal(0, await TakeAsync("A"));
        Assert.Equal(1, await TakeAsync("00000002.history"));
        var waiting = TakeAsync("B");
        await Task.Delay(300);
        Assert.False(waiting.IsCompleted);
        feed.Fail();
        Assert.Equal(255, await waiting);

        File.Delete(Path.Combine(folder, "data-wal", "failed"));
        var alive = await File.ReadAllTextAsync(take);
        // A process of this one's number that began at another time.
        await File.WriteAllTextAsync(take, System.Text.RegularExpressions.Regex.Replace(alive, "= [0-9]+ ]", "= 1 ]"));
        Assert.NotEqual(alive, await File.ReadAllTextAsync(take));
        Assert.Equal((255, 255), (await TakeAsync("A"), await TakeAsync("B")));
        feed.Complete();
        Assert.Equal(0, await TakeAsync("A"));
        feed.Remove();
        Assert.False(Directory.Exists(Path.Combine(folder, "data-wal")));
        Directory.Delete(folder, recursive: true);

        async Task<int> TakeAsync(string name)
        {
            File.Delete(Path.Combine(folder, "taken"));
            using var process = Process.Start(new ProcessStartInfo("sh", [take, name, "taken"]) { WorkingDirectory = folder })!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
    }

    [Fact]
    public async Task Folder_of_somebody_else_beside_the_target_is_left_alone()
    {
        using var vault = new Vault(new MemoryStore());
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        Directory.CreateDirectory($"{data}-wal");
        await File.WriteAllTextAsync(Path.Combine($"{data}-wal", "mine"), "");
        var start = new RestoreStart(new RestoredServer(new PostgresPrograms("/nowhere", 15), data, TimeProvider.System), 1);

        Assert.Equal("restore.not-empty", (await vault.TryRestoreAsync(new RestoreRequest(data, new RestoreTarget.Latest()) { Start = start })).Refusal!.Code);

        Assert.True(File.Exists(Path.Combine($"{data}-wal", "mine")));
        Assert.False(Directory.Exists(data));
        Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);
    }

    /// <summary>Rows 1 to 4, each in a segment of its own, and the position behind the second.</summary>
    private static async Task<(WalSource Wal, Lsn AfterSecond)> WriteAsync(Vault vault, ThrowAwayCluster source)
    {
        await source.RunAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var receiver = Harness.Start(source, vault);
        await Harness.UntilAsync(() => receiver.Now.Stores.Count > 0, () => receiver.Now.ToString());
        await vault.BackUpAsync(source);
        Lsn afterSecond = default;
        for (var id = 1; id <= 4; id++)
        {
            await source.RunAsync($"INSERT INTO t VALUES ({id})");
            if (id == 2)
            {
                afterSecond = await source.AskAsync<Lsn>("SELECT pg_current_wal_insert_lsn()");
            }
            await source.RunAsync("SELECT pg_switch_wal()");
        }
        await receiver.StoredAsync(source, [.. vault.Stores.Select(s => s.Name)]);
        return (new WalSource([.. vault.Stores], vault.Reader), afterSecond);
    }

    private static async Task<(RestoreResult Result, RestoredServer Server, ThrowAwayCluster Cluster)> RestoreAsync(Vault vault, int major, string data, RestoreTarget target, IWalSource wal, int promotedFromSegments = 16)
    {
        var cluster = await ThrowAwayCluster.OnAsync(major, data);
        var binaries = await ThrowAwayCluster.BinariesAsync(major);
        var server = new RestoredServer(new PostgresPrograms(binaries.Folder, binaries.Major), data, TimeProvider.System);
        var result = Vault.Value(await vault.TryRestoreAsync(new RestoreRequest(data, target) { Start = new RestoreStart(server, cluster.Port) { PromotedFromSegments = promotedFromSegments } }, wal: wal));
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

    private sealed class Watched(IWalSource inner, Func<string, string, Task> before) : IWalSource
    {
        private string _newest = "";

        public async Task<WalInventory> InventoryAsync(string systemId, CancellationToken cancellationToken)
        {
            var found = await inner.InventoryAsync(systemId, cancellationToken);
            var last = found.Timelines[^1];
            var end = ((ulong)last.Ranges[^1].End - 1) / (ulong)found.SegmentSize;
            _newest = WalNames.Segment(last.Id, end, found.SegmentSize);
            return found;
        }

        public async Task<bool> FetchAsync(string systemId, string name, string destinationPath, CancellationToken cancellationToken)
        {
            await before(name, _newest);
            return await inner.FetchAsync(systemId, name, destinationPath, cancellationToken);
        }
    }
}
