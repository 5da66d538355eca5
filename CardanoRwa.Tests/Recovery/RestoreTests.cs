using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;

namespace CardanoRwa.Tests.Recovery;

/// <summary>One small cluster, backed up once; each test restores it, or fails to.</summary>
public sealed class RestoreTests(RestoreTests.Backup backup) : IClassFixture<RestoreTests.Backup>, IDisposable
{
    private readonly string _folder = ThrowAwayCluster.NewFolder();

    public sealed class Backup : IAsyncLifetime
    {
        internal Vault Vault { get; } = new();
        internal BackupManifest Manifest { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var space = ThrowAwayCluster.NewFolder();
            await using var source = await ThrowAwayCluster.CreateAsync(15);
            await source.RunAsync($"CREATE TABLESPACE there LOCATION '{space}'");
            await source.RunAsync("CREATE TABLE t TABLESPACE there AS SELECT i, md5(i::text) FROM generate_series(1, 5000) i");
            Manifest = (await Vault.BackUpAsync(source)).Manifest;
            await source.StopAsync();
            Directory.Delete(space, recursive: true);
        }

        public Task DisposeAsync()
        {
            Vault.Dispose();
            return Task.CompletedTask;
        }
    }

    private string Data => Path.Combine(_folder, "data");
    private Vault Vault => backup.Vault;

    [Fact]
    public async Task Tablespace_goes_where_it_is_told()
    {
        var location = TablespaceMap.Parse(backup.Manifest.TablespaceMap)[0].Location;
        var there = Path.Combine(_folder, "there");
        Vault.Value(await Vault.TryRestoreAsync(Request() with { Tablespaces = new Dictionary<string, string> { [location] = there } }));

        await using var restored = await ThrowAwayCluster.OnAsync(15, Data);
        ThrowAwayCluster.Own(there);
        await restored.StartAsync();

        Assert.Equal(5000L, await restored.AskAsync<long>("SELECT count(*) FROM t"));
        Assert.Equal(there, await restored.AskAsync<string>("SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'there'"));
        Assert.Null(await restored.ChecksumFaultsAsync(stopFirst: true));
    }

    [Fact]
    public async Task Directory_that_is_not_empty_or_live_is_left_alone()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "precious"), "x");
        Assert.Equal("restore.not-empty", await RefusedAsync(Request()));

        await File.WriteAllTextAsync(Path.Combine(Data, "postmaster.pid"), "1");
        Assert.Equal("restore.live", await RefusedAsync(Request()));

        Assert.Equal(["postmaster.pid", "precious"], Directory.EnumerateFileSystemEntries(Data).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task What_cannot_succeed_is_refused_before_anything_is_written()
    {
        using var stranger = Identity.New();
        var strange = new KeyRing([.. Vault.Stores], [], [stranger], TimeProvider.System);

        Assert.Equal("key.wrong", (await Vault.TryRestoreAsync(Request(), strange)).Refusal!.Code);
        Assert.Equal("key.no-identity", (await Vault.TryRestoreAsync(Request(), Vault.Writer)).Refusal!.Code);
        Assert.Equal("restore.no-backup", await RefusedAsync(Request() with { SystemId = "1" }));
        Assert.Equal("restore.no-backup", await RefusedAsync(Request() with { BackupId = "none" }));
        Assert.Equal("restore.version", await RefusedAsync(Request() with { ServerMajor = 17 }));
        Assert.Equal("restore.too-early", await RefusedAsync(Request() with { Target = new RestoreTarget.Time(backup.Manifest.StoppedAt.AddSeconds(-1)) }));
        Assert.Equal("restore.too-late", await RefusedAsync(Request() with { Target = new RestoreTarget.Time(backup.Manifest.StoppedAt.AddHours(1)) }));
        Assert.Equal("restore.too-early", await RefusedAsync(Request() with { Target = RestoreTarget.Parse("0/1") }));
        Assert.Equal("restore.too-late", await RefusedAsync(Request() with { Target = RestoreTarget.Parse("FF/0") }));
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task Object_damaged_in_one_store_comes_from_the_other()
    {
        var (vault, key) = (Vault.Copy(), Layout.Data(backup.Manifest.SystemId, backup.Manifest.Id, 0));
        vault.Stores[0].Objects[key] = Flip(vault.Stores[0].Objects[key], 5000);

        var result = Vault.Value(await vault.TryRestoreAsync(Request()));

        Assert.Contains(key, Assert.Single(result.FallbackObjects), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_in_every_store_ends_the_restore_and_leaves_nothing_that_starts()
    {
        var (vault, key) = (Vault.Copy(), Layout.Data(backup.Manifest.SystemId, backup.Manifest.Id, 0));
        foreach (var store in vault.Stores)
        {
            store.Objects[key] = Flip(store.Objects[key], 5000);
        }

        await Assert.ThrowsAsync<DamagedObjectException>(() => vault.TryRestoreAsync(Request()));

        Assert.False(File.Exists(Path.Combine(Data, "global", "pg_control")));
        var reports = await VerifyAsync(vault);
        Assert.All(reports, r => Assert.Contains(key, Assert.Single(r.Faults), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Interrupted_restore_goes_on_where_it_was()
    {
        var vault = Vault.Copy();
        var objects = backup.Manifest.Objects.Select(o => Layout.Data(backup.Manifest.SystemId, backup.Manifest.Id, o.Number)).ToList();
        var kept = vault.Stores.Select(s => s.Objects[objects[^1]]).ToList();
        foreach (var store in vault.Stores)
        {
            store.Objects.TryRemove(objects[^1], out _);
        }
        await Assert.ThrowsAsync<DamagedObjectException>(() => vault.TryRestoreAsync(Request() with { Parallelism = 1 }));
        Assert.True(File.Exists(Path.Combine(Data, RestoreMarker.FileName)));
        for (var i = 0; i < kept.Count; i++)
        {
            vault.Stores[i].Objects[objects[^1]] = kept[i];
        }

        Vault.Value(await vault.TryRestoreAsync(Request()));

        Assert.False(File.Exists(Path.Combine(Data, RestoreMarker.FileName)));
        await using var restored = await ThrowAwayCluster.OnAsync(15, Data);
        Assert.Null(await restored.ChecksumFaultsAsync());
    }

    [Fact]
    public async Task Manifest_that_was_altered_is_found_with_a_key_and_damage_of_data_without_one()
    {
        var (vault, name) = (Vault.Copy(), Layout.Manifest(backup.Manifest.SystemId, backup.Manifest.Id));
        var text = System.Text.Encoding.UTF8.GetString(vault.Stores[1].Objects[name]);
        vault.Stores[1].Objects[name] = System.Text.Encoding.UTF8.GetBytes(text.Replace("\"fileCount\": ", "\"fileCount\": 1", StringComparison.Ordinal));
        Assert.Contains((await vault.Catalogue.ListAsync(null, default)).Faults, f => f.StartsWith("two", StringComparison.Ordinal));
        vault.Stores[0].Objects[name] = vault.Stores[1].Objects[name];

        await Assert.ThrowsAsync<DamagedObjectException>(() => vault.TryRestoreAsync(Request()));

        Assert.All(await VerifyAsync(Vault.Copy()), r => Assert.Empty(r.Faults));
        var damaged = Vault.Copy();
        var key = Layout.Data(backup.Manifest.SystemId, backup.Manifest.Id, 0);
        damaged.Stores[0].Objects[key] = Flip(damaged.Stores[0].Objects[key], 99);
        Assert.Single((await VerifyAsync(damaged, damaged.Writer))[0].Faults);
        Assert.False(Directory.Exists(Data));
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private RestoreRequest Request() => new(Data, new RestoreTarget.Backup());

    private async Task<string> RefusedAsync(RestoreRequest request) => (await Vault.TryRestoreAsync(request)).Refusal!.Code;

    private static async Task<IReadOnlyList<StoreVerification>> VerifyAsync(Vault vault, KeyRing? keys = null)
    {
        var entry = (await vault.Catalogue.ListAsync(null, default)).Backups.Single();
        return Vault.Value(await new BackupVerification(keys ?? vault.Reader).RunAsync(entry, [.. vault.Stores], new RecoveryProgress(TimeProvider.System), default));
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        var copy = (byte[])bytes.Clone();
        copy[at] ^= 1;
        return copy;
    }
}
