using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using CardanoRwa.Tests.Recovery;
using static CardanoRwa.Tests.Retention.Fabricated;

namespace CardanoRwa.Tests.Retention;

public sealed class RetentionRunTests : IDisposable
{
    private readonly string _folder = ThrowAwayCluster.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Old_backups_and_the_WAL_below_the_oldest_kept_go_and_a_dry_run_only_says_so()
    {
        var store = Store(_folder, "one");
        var (older, floor, newest) = (Backup(TimeSpan.FromDays(40)), Backup(TimeSpan.FromDays(31)), Backup(TimeSpan.Zero));
        await FillAsync(store, older, floor, newest);
        await AddAsync(store, Segment(older), Segment(floor, -1), Segment(floor), Segment(newest));

        var dry = Assert.Single(await RunAsync(isDry: true, store));
        Assert.Equal((older.Id, 2), (Assert.Single(dry.RemovedBackups), dry.RemovedSegments));
        Assert.NotNull(await store.FindAsync(Layout.Manifest(Fabricated.System, older.Id), default));

        var report = Assert.Single(await RunAsync(isDry: false, store));
        Assert.Equal((older.Id, 2), (Assert.Single(report.RemovedBackups), report.RemovedSegments));
        Assert.Equal([floor.Id, newest.Id], (await new BaseInventory(store).ReadAsync(Fabricated.System, default)).Backups.Select(b => b.Manifest.Id));
        Assert.Null(await store.FindAsync(Layout.Data(Fabricated.System, older.Id, 0), default));
        Assert.Null(await store.FindAsync(Segment(floor, -1), default));
        Assert.NotNull(await store.FindAsync(Segment(floor), default));
    }

    [Fact]
    public async Task WAL_of_a_later_timeline_stays_while_a_backup_of_an_earlier_one_is_kept()
    {
        var store = Store(_folder, "one");
        var (first, second) = (Backup(TimeSpan.FromDays(20)), Backup(TimeSpan.Zero, timeline: 2));
        await FillAsync(store, first, second);
        await AddAsync(store, Segment(first, -1), Segment(first, 5), Segment(second, -3, timeline: 2));
        Assert.Equal(1, Assert.Single(await RunAsync(isDry: false, store)).RemovedSegments);
        Assert.NotNull(await store.FindAsync(Segment(second, -3, timeline: 2), default));
    }

    [Fact]
    public async Task Store_that_a_thief_emptied_leaves_the_other_as_it_was()
    {
        var (one, two) = (Store(_folder, "one"), Store(_folder, "two"));
        var backups = Enumerable.Range(0, 5).Select(i => Backup(TimeSpan.FromDays(i * 20))).ToArray();
        await FillAsync(one, backups);
        await FillAsync(two, backups);
        await AddAsync(two, Segment(backups[0]));
        await foreach (var found in one.ListAsync("", default))
        {
            await one.DeleteAsync(found.Key, default);
        }

        var reports = await RunAsync(isDry: false, one, two);
        Assert.Empty(reports[0].RemovedBackups);
        // The other goes by its own copies: three are past their month, of which the newest stays for the oldest moment.
        Assert.Equal(2, reports[1].RemovedBackups.Count);
        Assert.NotNull(await two.FindAsync(Layout.Manifest(Fabricated.System, backups[0].Id), default));
        // Copying between stores takes the survivor's WAL over, and deletes nothing there.
        Assert.Equal(1, await new WalCopies([one, two], Fabricated.System).FillAsync(one, default));
        Assert.NotNull(await two.FindAsync(Segment(backups[0]), default));
    }

    [Fact]
    public async Task WAL_that_retention_removed_does_not_come_back_from_another_store()
    {
        var (one, two) = (Store(_folder, "one"), Store(_folder, "two"));
        var newest = Backup(TimeSpan.Zero);
        await FillAsync(one, newest);
        await AddAsync(two, Segment(newest, -1), Segment(newest));
        Assert.Equal(1, await new WalCopies([one, two], Fabricated.System).FillAsync(one, default));
        Assert.Null(await one.FindAsync(Segment(newest, -1), default));
    }

    [Fact]
    public async Task Backup_that_is_read_stays_until_its_reader_ends()
    {
        var store = Store(_folder, "one");
        var old = Backup(TimeSpan.FromDays(50));
        await FillAsync(store, old, Backup(TimeSpan.FromDays(31)), Backup(TimeSpan.Zero));
        await AddAsync(store, Segment(old));

        await using (Vault.Value(await BackupHold.TakeAsync([store], Fabricated.System, [old.Id], "restore", TimeProvider.System, default)))
        {
            var held = Assert.Single(await RunAsync(isDry: false, store));
            Assert.Empty(held.RemovedBackups);
            Assert.Equal(0, held.RemovedSegments);
        }
        Assert.Equal(old.Id, Assert.Single(Assert.Single(await RunAsync(isDry: false, store)).RemovedBackups));
    }

    [Fact]
    public async Task Reader_that_was_stopped_too_long_learns_that_its_hold_is_gone()
    {
        var store = Store(_folder, "one");
        var old = Backup(TimeSpan.FromDays(50));
        await FillAsync(store, old, Backup(TimeSpan.FromDays(31)), Backup(TimeSpan.Zero));
        await using var hold = Vault.Value(await BackupHold.TakeAsync([store], Fabricated.System, [old.Id], "restore", TimeProvider.System, default, TimeSpan.FromSeconds(3)));
        var note = Path.Combine(_folder, "one", (await OnlyAsync(store, RetentionLayout.Holds(Fabricated.System))).Key);
        // As if the process had been stopped: nobody renewed it.
        File.SetLastWriteTimeUtc(note, File.GetLastWriteTimeUtc(note).AddHours(-1));

        Assert.Equal(old.Id, Assert.Single(Assert.Single(await RunAsync(isDry: false, store)).RemovedBackups));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(30), hold.Lost));
    }

    [Fact]
    public async Task Reader_who_comes_while_a_backup_is_being_removed_is_refused()
    {
        var store = Store(_folder, "one");
        var old = Backup(TimeSpan.FromDays(50));
        await FillAsync(store, old);
        await Condemnation.MarkAsync(store, Fabricated.System, old.Id, default);
        Assert.Equal("backup.going", (await BackupHold.TakeAsync([store], Fabricated.System, [old.Id], "restore", TimeProvider.System, default)).Refusal?.Code);
        // A mark whose maker died long ago frightens nobody.
        var mark = Path.Combine(_folder, "one", RetentionLayout.Condemned(Fabricated.System, old.Id));
        File.SetLastWriteTimeUtc(mark, File.GetLastWriteTimeUtc(mark).AddHours(-1));
        await Vault.Value(await BackupHold.TakeAsync([store], Fabricated.System, [old.Id], "restore", TimeProvider.System, default)).DisposeAsync();
    }

    [Fact]
    public async Task One_process_at_a_time_removes_and_one_that_wakes_late_finds_its_turn_over()
    {
        var store = Store(_folder, "one");
        await FillAsync(store, Backup(TimeSpan.FromDays(50)), Backup(TimeSpan.FromDays(40)), Backup(TimeSpan.Zero));
        var turns = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RetentionTurn.TakeAsync(store, Fabricated.System, TimeProvider.System, default)));
        var sleeper = Assert.Single(turns, t => t is not null)!;
        Assert.True(await sleeper.IsMineAsync(default));
        Assert.Equal("another worker is at it", Assert.Single(await RunAsync(isDry: false, store)).Skipped);

        var note = Path.Combine(_folder, "one", (await OnlyAsync(store, RetentionLayout.Turns(Fabricated.System))).Key);
        File.SetLastWriteTimeUtc(note, File.GetLastWriteTimeUtc(note).AddHours(-1));
        Assert.Single(Assert.Single(await RunAsync(isDry: false, store)).RemovedBackups);
        Assert.False(await sleeper.IsMineAsync(default));
        var removal = new BackupRemoval(store, Fabricated.System, sleeper, TimeProvider.System);
        await removal.RemoveAsync(Backup(TimeSpan.Zero), default);
        Assert.Empty(removal.Backups);
        Assert.NotNull(await store.FindAsync(Layout.Manifest(Fabricated.System, Backup(TimeSpan.Zero).Id), default));
    }

    [Fact]
    public async Task Remains_of_a_killed_backup_go_after_a_day_and_a_running_one_stays()
    {
        var store = Store(_folder, "one");
        await FillAsync(store, Backup(TimeSpan.Zero));
        var (dead, running) = (Layout.Data(Fabricated.System, "dead", 0), Layout.Data(Fabricated.System, "running", 0));
        await AddAsync(store, dead, running);
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "one", dead), DateTime.SpecifyKind(TimeProvider.System.GetUtcNow().AddHours(-25).DateTime, DateTimeKind.Utc));
        Assert.Equal("dead", Assert.Single(Assert.Single(await RunAsync(isDry: false, store)).RemovedUnfinished));
        Assert.NotNull(await store.FindAsync(running, default));
    }

    [Fact]
    public async Task Store_that_locks_its_objects_is_reported_and_not_asked_again_at_once()
    {
        var locked = new LockedStore(Store(_folder, "one"));
        var old = Backup(TimeSpan.FromDays(50));
        await FillAsync(locked, old, Backup(TimeSpan.FromDays(31)), Backup(TimeSpan.Zero));
        Assert.Contains("locked until", Assert.Single(Assert.Single(await RunAsync(isDry: false, locked)).Spared), StringComparison.Ordinal);
        var asked = locked.Asked;
        Assert.Contains("tried again a day after", Assert.Single(Assert.Single(await RunAsync(isDry: false, locked)).Spared), StringComparison.Ordinal);
        Assert.Equal((1, 1), (asked, locked.Asked));
    }

    private static Task<IReadOnlyList<StoreRetention>> RunAsync(bool isDry, params IObjectStore[] stores) =>
        new RetentionRun(stores, new RetentionOptions(), TimeProvider.System).RunAsync(Fabricated.System, isDry, default);

    private static async Task FillAsync(IObjectStore store, params CardanoRwa.Recovery.Catalogue.BackupManifest[] backups)
    {
        foreach (var backup in backups)
        {
            await PutAsync(store, backup);
        }
    }

    private static async Task AddAsync(IObjectStore store, params string[] names)
    {
        foreach (var name in names)
        {
            await store.PutAsync(name, "x"u8.ToArray(), ifAbsent: true, default);
        }
    }

    private static async Task<StoredObject> OnlyAsync(LocalFolderStore store, string prefix)
    {
        var all = new List<StoredObject>();
        await foreach (var found in store.ListAsync(prefix, default))
        {
            all.Add(found);
        }
        return Assert.Single(all);
    }

    /// <summary>As a bucket whose manifests are under a retention lock.</summary>
    private sealed class LockedStore(IObjectStore inner) : IObjectStore
    {
        public int Asked { get; private set; }
        public string Name => inner.Name;
        public Task<ObjectUpload> CreateAsync(string key, CancellationToken cancellationToken) => inner.CreateAsync(key, cancellationToken);
        public Task<Stream?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken) => inner.OpenAsync(key, offset, length, cancellationToken);
        public Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken) => inner.FindAsync(key, cancellationToken);
        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public Task DeleteAsync(string key, CancellationToken cancellationToken)
        {
            if (key.EndsWith("/manifest.json", StringComparison.Ordinal))
            {
                Asked++;
                throw new StoreException(Name, $"deleting {key}: locked until 2027", isTransient: false);
            }
            return inner.DeleteAsync(key, cancellationToken);
        }
    }
}
