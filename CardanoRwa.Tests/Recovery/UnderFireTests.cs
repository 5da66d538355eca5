using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Backups of a cluster that is written to, whose tables come and go and whose pages are damaged.</summary>
public sealed class UnderFireTests
{
    [Theory]
    [InlineData(15, true)]
    [InlineData(18, false)]
    public async Task Backup_and_incremental_under_fire_restore_consistent_and_clean(int major, bool isFirstReadHere)
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(major);
        await using var fire = await Fire.StartAsync(source, 4);
        await Task.Delay(300);

        var full = await vault.BackUpAsync(source, readsFilesHere: isFirstReadHere);
        await Task.Delay(300);
        var incremental = await vault.BackUpAsync(source, isIncremental: true, readsFilesHere: !isFirstReadHere);
        await fire.EndAsync();

        Assert.Equal((BackupState.Good, BackupState.Good), (full.Manifest.State, incremental.Manifest.State));
        Assert.Equal(BackupKind.Incremental, incremental.Manifest.Kind);
        foreach (var id in new[] { full.Manifest.Id, incremental.Manifest.Id })
        {
            await using var restored = await vault.RestoreAsync(major, id);
            await restored.StartAsync();
            Assert.True(await restored.AskAsync<long>("SELECT count(*) FROM history") > 0);
            await Fire.AssertSoundAsync(restored);
        }
    }

    [Fact]
    public async Task Damaged_page_of_the_source_is_named_and_the_backup_kept()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 5000) i; CHECKPOINT");
        var path = await source.AskAsync<string>("SELECT pg_relation_filepath('t')");
        await using (var file = File.OpenWrite(Path.Combine(source.Data, path)))
        {
            file.Position = 3 * 8192 + 4000;
            file.WriteByte(0xFF);
            file.WriteByte(0x5A);
        }

        var made = await vault.BackUpAsync(source);

        Assert.Equal(BackupState.Degraded, made.Manifest.State);
        Assert.Equal([new DamagedPage(path, 3)], made.Manifest.DamagedPages);
        Assert.Single((await vault.Catalogue.ListAsync(null, default)).Backups);
    }

    [Fact]
    public async Task Store_that_fills_up_is_left_out_and_a_backup_without_any_store_does_not_exist()
    {
        MemoryStore good = new("good"), full = new("full") { OnWrite = key => key.Contains("/data/", StringComparison.Ordinal) ? new CardanoRwa.Storage.StoreException("full", "no space", false) : null };
        using var vault = new Vault(good, full);
        await using var source = await ThrowAwayCluster.CreateAsync(15);

        var made = await vault.BackUpAsync(source);

        Assert.Equal(["good"], made.Stores);
        Assert.Equal(["full"], made.FailedStores.Keys);
        Assert.DoesNotContain(full.Objects.Keys, k => k.EndsWith("manifest.json", StringComparison.Ordinal));
        good.OnWrite = full.OnWrite;
        await Assert.ThrowsAsync<CardanoRwa.Storage.StoreException>(() => vault.BackUpAsync(source));
        Assert.Single((await vault.Catalogue.ListAsync(null, default)).Backups);
        // The server drops the slot with the session, a moment after it was closed.
        for (var i = 0; i < 200 && await source.AskAsync<long>("SELECT count(*) FROM pg_replication_slots") > 0; i++)
        {
            await Task.Delay(50);
        }
        Assert.Equal(0L, await source.AskAsync<long>("SELECT count(*) FROM pg_replication_slots"));
    }
}
