using CardanoRwa.Recovery.Catalogue;
using Npgsql;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Backups of a cluster that is written to, whose tables come and go and whose pages are damaged.</summary>
public sealed class UnderFireTests
{
    private const string Setup = """
        CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL, filler text);
        INSERT INTO account SELECT i, 0, repeat('x', 200) FROM generate_series(1, 20000) i;
        CREATE TABLE history (id bigserial PRIMARY KEY, account int, delta bigint);
        CREATE TABLE moving AS SELECT * FROM account
        """;

    private static readonly string[] Upheaval =
    [
        "VACUUM FULL moving", "TRUNCATE moving", "INSERT INTO moving SELECT * FROM account", "DROP TABLE IF EXISTS passing", "CREATE TABLE passing AS SELECT * FROM account",
        "CREATE INDEX ON passing (filler)", "ALTER TABLE passing ADD COLUMN extra int DEFAULT 1", "UPDATE passing SET extra = id", "CHECKPOINT",
    ];

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Backup_and_incremental_under_fire_restore_consistent_and_clean(int major)
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(major);
        await source.RunAsync(Setup);
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 4).Select(n => TransferAsync(source, n, stop.Token)), UpheaveAsync(source, stop.Token)];
        await Task.Delay(300);

        var full = await vault.BackUpAsync(source);
        await Task.Delay(300);
        var incremental = await vault.BackUpAsync(source, isIncremental: true);
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        Assert.Equal((BackupState.Good, BackupState.Good), (full.Manifest.State, incremental.Manifest.State));
        Assert.Equal(BackupKind.Incremental, incremental.Manifest.Kind);
        foreach (var id in new[] { full.Manifest.Id, incremental.Manifest.Id })
        {
            await using var restored = await vault.RestoreAsync(major, id);
            await restored.StartAsync();
            Assert.True(await restored.AskAsync<long>("SELECT count(*) FROM history") > 0);
            Assert.Equal(0L, await restored.AskAsync<long>("SELECT count(*) FROM account a LEFT JOIN (SELECT account, sum(delta) s FROM history GROUP BY 1) h ON h.account = a.id WHERE a.balance <> coalesce(h.s, 0)"));
            await AssertIndexesAsync(restored);
            Assert.Null(await restored.ChecksumFaultsAsync(stopFirst: true));
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

    private static async Task AssertIndexesAsync(ThrowAwayCluster restored)
    {
        // The npm build of 18 comes without extensions.
        if (await restored.AskAsync<long>("SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'") > 0)
        {
            await restored.RunAsync("CREATE EXTENSION amcheck; SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.relkind = 'i' AND a.amname = 'btree' AND c.relpersistence = 'p'");
            Assert.Equal(0L, await restored.AskAsync<long>("SELECT count(*) FROM pg_class c, verify_heapam(c.oid) WHERE c.relkind = 'r' AND c.relpersistence = 'p'"));
        }
    }

    private static async Task TransferAsync(ThrowAwayCluster source, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        await using var connection = await source.OpenAsync();
        while (!stop.IsCancellationRequested)
        {
            var (account, delta) = (random.Next(1, 20001), random.Next(-500, 500));
            await using var command = new NpgsqlCommand($"BEGIN; UPDATE account SET balance = balance + {delta} WHERE id = {account}; INSERT INTO history (account, delta) VALUES ({account}, {delta}); COMMIT", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async Task UpheaveAsync(ThrowAwayCluster source, CancellationToken stop)
    {
        await using var connection = await source.OpenAsync();
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            await using var command = new NpgsqlCommand(Upheaval[i % Upheaval.Length], connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }
}
