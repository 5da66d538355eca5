using System.Security.Cryptography;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Restore;

namespace CardanoRwa.Tests.Recovery;

public sealed class IncrementalTests
{
    private static readonly string[] Changes =
    [
        "UPDATE t SET body = 'changed' WHERE id % 997 = 0",
        "INSERT INTO t SELECT i, 'more' FROM generate_series(100001, 110000) i",
        "DELETE FROM t WHERE id BETWEEN 2000 AND 9000; VACUUM t",
        "CREATE TABLE later AS SELECT * FROM t WHERE id < 3000; CREATE INDEX ON later (body)",
        "VACUUM FULL t",
        "TRUNCATE later; INSERT INTO later SELECT * FROM t WHERE id % 5 = 0",
        "CREATE DATABASE other STRATEGY file_copy TEMPLATE template0",
        "DROP TABLE later; CREATE SEQUENCE s; SELECT nextval('s')",
        "ALTER TABLE t ADD COLUMN extra int DEFAULT 7; UPDATE t SET extra = 8 WHERE id % 1001 = 0",
        "UPDATE t SET extra = 9 WHERE id = 77",
    ];

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Chain_of_ten_restores_to_the_same_bytes_as_a_full_one(int major)
    {
        using var vault = new Vault(new MemoryStore());
        // Quiet: between the last incremental and the full one nothing may change.
        await using var source = await ThrowAwayCluster.CreateAsync(major, true, "autovacuum=off", "checkpoint_timeout=1d");
        await source.RunAsync("CREATE TABLE t (id int PRIMARY KEY, body text); INSERT INTO t SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 60000) i");
        var first = await vault.BackUpAsync(source);
        BackupResult last = first;
        var digest = "";
        foreach (var change in Changes)
        {
            foreach (var statement in change.Split(';'))
            {
                await source.RunAsync(statement);
            }
            // Reading leaves hints in index pages, so it comes before the backup too.
            digest = await source.AskAsync<string>("SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM t");
            // The chain over connections, the full one from the directory: the bytes must be the same.
            last = await vault.BackUpAsync(source, isIncremental: true, readsFilesHere: false);
            Assert.Equal((BackupKind.Incremental, null), (last.Manifest.Kind, last.Manifest.FullBecause));
        }
        Assert.True(last.Manifest.StoredBytes < first.Manifest.StoredBytes / 2, $"{last.Manifest.StoredBytes} of {first.Manifest.StoredBytes}");
        var full = await vault.BackUpAsync(source);
        var folded = Vault.Value(await new SyntheticFull([.. vault.Stores], vault.Reader, TimeProvider.System).RunAsync(
            new RestoreRequest("", new RestoreTarget.Backup()) { BackupId = last.Manifest.Id }, new RecoveryProgress(TimeProvider.System), default));

        await using var byChain = await vault.RestoreAsync(major, last.Manifest.Id);
        await using var byFull = await vault.RestoreAsync(major, full.Manifest.Id);
        await using var byFolding = await vault.RestoreAsync(major, folded.Manifest.Id);

        var (chained, whole) = (Hashes(byChain.Data), Hashes(byFull.Data));
        Assert.Equal(whole.Keys.Order(StringComparer.Ordinal), chained.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(whole.Where(f => chained[f.Key] != f.Value).Select(f => f.Key));
        Assert.Equal(chained.OrderBy(f => f.Key, StringComparer.Ordinal), Hashes(byFolding.Data).OrderBy(f => f.Key, StringComparer.Ordinal));
        Assert.Equal(BackupKind.Synthetic, folded.Manifest.Kind);
        Assert.Null(await byChain.ChecksumFaultsAsync());
        await byChain.StartAsync();
        Assert.Equal(digest, await byChain.AskAsync<string>("SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM t"));
        Assert.Equal("backup.has-children", (await vault.Catalogue.DeleteAsync((await vault.Catalogue.ListAsync(null, default)).Find(first.Manifest.Id)!, default)).Refusal!.Code);
    }

    [Fact]
    public async Task Pages_that_may_change_without_their_lsn_make_a_full_backup()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15, hasChecksums: false);
        await vault.BackUpAsync(source);

        var second = await vault.BackUpAsync(source, isIncremental: true);

        Assert.Equal(BackupKind.Full, second.Manifest.Kind);
        Assert.Contains("wal_log_hints", second.Manifest.FullBecause, StringComparison.Ordinal);
    }

    /// <summary>Of every file but those that each checkpoint and each backup write anew.</summary>
    private static Dictionary<string, string> Hashes(string data) =>
        Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(data, f))
            .Where(f => f is not ("backup_label" or "global/pg_control") && !f.StartsWith("pg_wal/", StringComparison.Ordinal) && !f.StartsWith("pg_logical/", StringComparison.Ordinal))
            .ToDictionary(f => f, f => Convert.ToHexString(SHA256.HashData(Content(Path.Combine(data, f)))));

    /// <summary>Without the line in which each restore names itself.</summary>
    private static byte[] Content(string path) => Path.GetFileName(path) != "postgresql.auto.conf"
        ? File.ReadAllBytes(path)
        : System.Text.Encoding.UTF8.GetBytes(string.Join('\n', File.ReadLines(path).Where(l => !l.StartsWith(RecoverySettings.RestoredSetting, StringComparison.Ordinal))));
}
