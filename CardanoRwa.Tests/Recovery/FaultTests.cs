using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using CardanoRwa.Tests.Storage;
using CardanoRwa.Tests.Wal;
using Microsoft.Extensions.Logging.Abstractions;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Disks that refuse, workers that are held, clocks that are off, stores that answer with errors, keys that were rotated, WAL that is gone.</summary>
public sealed class FaultTests : IDisposable
{
    private static readonly bool IsCampaign = Environment.GetEnvironmentVariable("RECOVERY_CAMPAIGN") is not null;
    private readonly string _folder = ThrowAwayCluster.NewFolder();

    public void Dispose()
    {
        // A cluster that was restored into it has removed it already.
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public async Task Full_disk_ends_a_backup_unlisted_and_a_restore_unstartable()
    {
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("CREATE TABLE t AS SELECT i AS id, sha512(i::text::bytea) AS body FROM generate_series(1, 60000) i");
        string[] settings = ["ASPNETCORE_ENVIRONMENT=Development", $"Recovery__DataFolder={_folder}/recovery", $"ConnectionStrings__rwadb={source.ConnectionString}"];

        var (code, error) = await OnSmallDiskAsync("recovery", 4, settings, "backup now", $"find '{_folder}/recovery' -name manifest.json | grep -q .");
        Assert.True(code == 4 && error.Contains("No space left", StringComparison.Ordinal), $"{code}: {error}");
        Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "backup", "now")).Code);
        (code, error) = await OnSmallDiskAsync("small", 16, settings, $"restore --target '{_folder}/small/data' --to backup", $"test -e '{_folder}/small/data/global/pg_control'");
        Assert.True(code == 4 && error.Contains("space", StringComparison.OrdinalIgnoreCase), $"{code}: {error}");
    }

    [Fact]
    public async Task Worker_that_is_held_wakes_up_beside_another_and_harms_nothing()
    {
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("CREATE TABLE t AS SELECT i AS id, sha512(i::text::bytea) AS body FROM generate_series(1, 200000) i");
        string[] settings = ["ASPNETCORE_ENVIRONMENT=Development", $"Recovery__DataFolder={_folder}/recovery", $"ConnectionStrings__rwadb={source.ConnectionString}"];
        using var held = WorkerVerb.Start(settings, "backup", "now");
        var store = $"{_folder}/recovery/store";
        await Harness.UntilAsync(() => held.HasExited || (Directory.Exists(store) && Directory.EnumerateDirectories(store, "base", SearchOption.AllDirectories).Any()), () => "the backup began");
        await SignalAsync(held, "STOP");

        Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "backup", "now")).Code);
        await source.RunAsync("UPDATE t SET body = '' WHERE id % 2 = 0");
        await SignalAsync(held, "CONT");
        await held.WaitForExitAsync();

        var listed = System.Text.Json.JsonDocument.Parse((await WorkerVerb.RunAsync(settings, "backup", "list", "--json")).Output).RootElement;
        Assert.Equal(0, listed.GetProperty("faults").GetArrayLength());
        var ids = listed.GetProperty("backups").EnumerateArray().Select(b => b.GetProperty("id").GetString()!).ToList();
        Assert.Equal(held.ExitCode == 0 ? 2 : 1, ids.Count);
        foreach (var id in ids)
        {
            Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "backup", "verify", id)).Code);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Worker_whose_clock_is_off_by_an_hour_restores_to_the_time_of_the_database(int hours)
    {
        var clock = new OffsetClock(TimeSpan.FromHours(hours));
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("CREATE TABLE t (id int)");
        using var stop = new CancellationTokenSource();
        await using var receiver = new WalReceiver(source.ConnectionString, [.. vault.Stores], vault.Writer,
            new WalOptions { SpoolPath = Path.Combine(_folder, "spool"), FlushInterval = TimeSpan.FromMilliseconds(100), BeatInterval = TimeSpan.FromSeconds(1) }, clock, NullLogger<WalReceiver>.Instance);
        var running = receiver.RunAsync(stop.Token);
        await Harness.UntilAsync(() => receiver.Report.Snapshot().Stores.Any(s => s.Durable is not null), () => $"{receiver.Report.Snapshot()}");
        Vault.Value(await new BaseBackup([.. vault.Stores], vault.Writer, clock).RunAsync(new BackupRequest(source.ConnectionString), new RecoveryProgress(clock), default));
        await source.RunAsync("INSERT INTO t VALUES (1)");
        var between = await source.AskAsync<DateTime>("SELECT clock_timestamp()");
        await Task.Delay(20);
        await source.RunAsync("INSERT INTO t VALUES (2)");
        // In a folder of its own: the restored cluster takes that with it at its end, and the receiver's spool is needed a little longer.
        var data = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "restored")).FullName, "data");
        var wal = new WalSource([.. vault.Stores], vault.Reader);
        var restore = new RestoreRun([.. vault.Stores], vault.Reader, wal, clock);
        for (var i = 0; i < 400 && (await restore.Planner.WindowsAsync(default)).Max(w => w.ToAt) <= between; i++)
        {
            await Task.Delay(50);
        }

        Vault.Value(await restore.RunAsync(new RestoreRequest(data, new RestoreTarget.Time(between)), new RecoveryProgress(clock), default));

        await using var restored = await ThrowAwayCluster.OnAsync(15, data);
        await restored.StartAsync();
        Assert.Equal(1L, await restored.AskAsync<long>("SELECT sum(id) FROM t"));
        await restored.StopAsync();
        await stop.CancelAsync();
        await running.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task Store_that_is_slow_and_says_429_gets_its_backup_and_one_that_cannot_list_is_told()
    {
        await using var stub = await S3Stub.StartAsync();
        using var vault = new Vault(new MemoryStore("good"));
        using var remote = StoreFactory.Create("remote", stub.Options(), TimeProvider.System) as IDisposable;
        var stores = new IObjectStore[] { vault.Stores[0], (IObjectStore)remote! };
        var keys = new KeyRing(stores, [vault.Identity.Recipient], [vault.Identity], TimeProvider.System);
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        (stub.Status, stub.Fault) = (429, (_, _) => stub.Requests % 3 == 1 ? StoreFault.Refuses : StoreFault.None);

        var made = Vault.Value(await new BaseBackup(stores, keys, TimeProvider.System).RunAsync(new BackupRequest(source.ConnectionString), new RecoveryProgress(TimeProvider.System), default));
        Assert.Equal(["good", "remote"], made.Stores);

        (stub.Status, stub.Fault) = (400, (method, query) => method == "GET" && query.Contains("list-type", StringComparison.Ordinal) ? StoreFault.Refuses : StoreFault.None);
        var listing = await new BackupCatalogue(stores).ListAsync(null, default);
        Assert.Single(listing.Backups);
        Assert.Contains("remote", Assert.Single(listing.Faults), StringComparison.Ordinal);
        // A parent that is not known to be in every store is no parent.
        var next = Vault.Value(await new BaseBackup(stores, keys, TimeProvider.System).RunAsync(new BackupRequest(source.ConnectionString) { IsIncremental = true }, new RecoveryProgress(TimeProvider.System), default));
        Assert.Equal(BackupKind.Full, next.Manifest.Kind);
        Assert.Contains("every store", next.Manifest.FullBecause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Segment_that_is_gone_is_named_and_no_target_behind_it_is_promised()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await using var receiver = Harness.Start(source, vault);
        await Harness.UntilAsync(() => receiver.Now.Stores.Count > 0, () => receiver.Now.ToString());
        await vault.BackUpAsync(source);
        await source.RunAsync("CREATE TABLE t (id int)");
        for (var i = 1; i <= 4; i++)
        {
            await source.RunAsync($"INSERT INTO t VALUES ({i})");
            await source.RunAsync("SELECT pg_switch_wal()");
        }
        var end = await source.AskAsync<NpgsqlTypes.NpgsqlLogSequenceNumber>("SELECT pg_current_wal_flush_lsn()");
        await receiver.StoredAsync(source, "memory");
        var segments = vault.Stores[0].Objects.Keys.Where(k => k.EndsWith("/whole", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var gone = segments[^2];
        foreach (var key in vault.Stores[0].Objects.Keys.Where(k => k.StartsWith(gone[..^"whole".Length], StringComparison.Ordinal)).ToList())
        {
            vault.Stores[0].Objects.TryRemove(key, out _);
        }
        var wal = new WalSource([.. vault.Stores], vault.Reader);

        var refusal = (await vault.TryRestoreAsync(new RestoreRequest(Path.Combine(_folder, "never"), new RestoreTarget.Position(end)), wal: wal)).Refusal!;

        Assert.Equal("restore.too-late", refusal.Code);
        Assert.Contains("WAL is missing: timeline 1 from ", refusal.Detail, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "never")));
        Assert.NotEmpty((await WalAudit.RunAsync([.. vault.Stores], gone.Split('/')[0], default))[0].Holes);
    }

    [Fact]
    public async Task Bit_flipped_in_any_object_of_one_store_costs_nothing_and_the_receiver_goes_on()
    {
        using var vault = new Vault();
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("CREATE TABLE t (id int)");
        await using (var receiver = Harness.Start(source, vault))
        {
            await Harness.UntilAsync(() => receiver.Now.Stores.Count > 0, () => receiver.Now.ToString());
            await vault.BackUpAsync(source);
            foreach (var statement in new[] { "INSERT INTO t VALUES (1)", "SELECT pg_switch_wal()", "INSERT INTO t VALUES (2)" })
            {
                await source.RunAsync(statement);
                await receiver.StoredAsync(source, "one", "two");
            }
            await Harness.UntilAsync(() => vault.Stores.All(s => s.Objects.Keys.Any(k => k.EndsWith("/mark.json", StringComparison.Ordinal)) && s.Objects.Keys.Any(k => k.EndsWith("/whole", StringComparison.Ordinal))), () => "no mark yet");
        }
        var expected = await LogAsync(vault, "whole");
        var kinds = vault.Stores[0].Objects.Keys.GroupBy(KindOf).ToDictionary(g => g.Key, g => g.Order(StringComparer.Ordinal).ToList());
        Assert.Equal(["cluster.json", "data", "files.json.gz", "keys", "manifest.json", "mark.json", "part", "repository.json", "whole"], kinds.Keys.Order(StringComparer.Ordinal));

        foreach (var (kind, keys) in kinds)
        {
            var damaged = vault.Copy();
            foreach (var key in keys)
            {
                var bytes = (byte[])damaged.Stores[0].Objects[key].Clone();
                bytes[bytes.Length / 2] ^= 1;
                damaged.Stores[0].Objects[key] = bytes;
            }
            Assert.True(expected.SequenceEqual(await LogAsync(damaged, kind)), kind);
        }

        foreach (var key in kinds["cluster.json"].Concat(kinds["mark.json"]))
        {
            vault.Stores[0].Objects[key] = [.. vault.Stores[0].Objects[key], 1];
        }
        await using var next = Harness.Start(source, vault);
        await source.RunAsync("INSERT INTO t VALUES (3)");
        await next.StoredAsync(source, "one", "two");
        await Harness.UntilAsync(() => Encoding.UTF8.GetString(vault.Stores[0].Objects[kinds["mark.json"][0]]).EndsWith('}'), () => "the mark is not mended");
        Assert.True(vault.Stores[0].Objects[kinds["cluster.json"][0]].AsSpan().SequenceEqual(vault.Stores[1].Objects[kinds["cluster.json"][0]]));

        static string KindOf(string key) => key.Split('/') is var parts && parts[0] == "keys" ? "keys" : parts is [_, "base", _, "data", _] ? "data" : parts[^1].Length == 17 && parts[^1][8] == '-' ? "part" : parts[^1];

        // What would be replayed after a restore, byte for byte.
        async Task<List<string>> LogAsync(Vault from, string name)
        {
            var data = Path.Combine(_folder, name);
            Vault.Value(await from.TryRestoreAsync(new RestoreRequest(data, new RestoreTarget.Latest()), wal: new WalSource([.. from.Stores], from.Reader)));
            var log = Directory.GetFiles(Path.Combine(data, "pg_wal")).Order(StringComparer.Ordinal).Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}").ToList();
            Directory.Delete(data, recursive: true);
            return log;
        }
    }

    [Fact]
    public async Task Rotated_key_restores_the_old_one_does_not_and_a_lost_one_is_told_from_both()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        var made = (await vault.BackUpAsync(source)).Manifest;
        using var next = Identity.New();
        Assert.Equal(1, Vault.Value(await vault.Reader.RewrapAsync([next.Recipient], default)));
        var request = new RestoreRequest(Path.Combine(_folder, "data"), new RestoreTarget.Backup());

        Assert.Equal("key.wrong", (await vault.TryRestoreAsync(request)).Refusal!.Code);
        var keys = new KeyRing([.. vault.Stores], [], [next], TimeProvider.System);
        Vault.Value(await vault.TryRestoreAsync(request, keys));
        foreach (var key in vault.Stores[0].Objects.Keys.Where(k => k.StartsWith(Layout.KeyObjects(made.DataKeyId), StringComparison.Ordinal)).ToList())
        {
            vault.Stores[0].Objects.TryRemove(key, out _);
        }
        Assert.Equal("key.lost", (await vault.TryRestoreAsync(request with { Directory = Path.Combine(_folder, "again") }, keys)).Refusal!.Code);
    }

    /// <summary>In the campaign the table has a second segment (.1), whose blocks are counted on from the first.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Table_over_a_gigabyte_restores_with_its_later_segments(int major)
    {
        var rows = IsCampaign ? 150_000 : 1_500;
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(major, true, "autovacuum=off");
        await source.RunAsync("CREATE TABLE wide (id int, filler text); ALTER TABLE wide ALTER filler SET STORAGE PLAIN");
        await source.RunAsync($"INSERT INTO wide SELECT i, repeat(chr(97 + i % 26), 7500) FROM generate_series(1, {rows}) i");
        await source.RunAsync("CHECKPOINT");
        var path = await source.AskAsync<string>("SELECT pg_relation_filepath('wide')");
        Assert.Equal(IsCampaign, File.Exists(Path.Combine(source.Data, $"{path}.1")));
        var full = await vault.BackUpAsync(source);
        await source.RunAsync($"UPDATE wide SET filler = repeat('!', 7500) WHERE id IN (1, {rows - 5})");
        var incremental = await vault.BackUpAsync(source, isIncremental: true);
        var sum = await source.AskAsync<decimal>("SELECT sum(hashtextextended(wide::text, 0)::numeric) FROM wide");

        Assert.Equal((BackupKind.Incremental, BackupState.Good, BackupState.Good), (incremental.Manifest.Kind, full.Manifest.State, incremental.Manifest.State));
        await using var restored = await vault.RestoreAsync(major, incremental.Manifest.Id);
        Assert.Null(await restored.ChecksumFaultsAsync());
        await restored.StartAsync();
        Assert.Equal(sum, await restored.AskAsync<decimal>("SELECT sum(hashtextextended(wide::text, 0)::numeric) FROM wide"));
    }

    /// <summary>Runs a verb with a disk of a few mebibytes under a folder, which only it sees. Mounting takes root, or sudo that does not ask.</summary>
    /// <param name="isWrong">A command that must not succeed afterwards; where it does, the code is 99.</param>
    private async Task<(int Code, string Error)> OnSmallDiskAsync(string folder, int mebibytes, string[] settings, string verb, string isWrong)
    {
        var place = Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName;
        var script = $"mount -t tmpfs -o size={mebibytes}m tmpfs '{place}' || exit 98; dotnet exec '{Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Worker.dll")}' {verb}; code=$?; if {isWrong}; then code=99; fi; exit $code";
        string[] command = [.. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["sudo", "-n", "-E"], "unshare", "-m", "bash", "-c", script];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var setting in settings)
        {
            start.Environment[setting.Split('=')[0]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        }
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        await output;
        return (process.ExitCode, await error);
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private sealed class OffsetClock(TimeSpan offset) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
    }
}
