using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Tests.Recovery;

public sealed class BaseBackupTests
{
    private const string Digest = "SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM t";

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Backup_restores_alone_to_its_end(int major)
    {
        using var vault = new Vault();
        await using var source = await ThrowAwayCluster.CreateAsync(major);
        await source.RunAsync("""
            CREATE TABLE t (id int PRIMARY KEY, body text);
            INSERT INTO t SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 20000) i;
            CREATE UNLOGGED TABLE u AS SELECT * FROM t;
            CREATE TABLE empty_one (id int)
            """);
        var digest = await source.AskAsync<string>(Digest);

        var made = await vault.BackUpAsync(source);

        Assert.Equal(BackupKind.Full, made.Manifest.Kind);
        Assert.Equal(BackupState.Good, made.Manifest.State);
        Assert.Equal(["one", "two"], made.Stores);
        Assert.Equal(source.Major, made.Manifest.Server.Major);
        await using var restored = await vault.RestoreAsync(major);
        Assert.Null(await restored.ChecksumFaultsAsync());
        await restored.StartAsync();
        Assert.Equal(digest, await restored.AskAsync<string>(Digest));
        Assert.Equal(0L, await restored.AskAsync<long>("SELECT count(*) FROM u"));
        Assert.Equal(0L, await restored.AskAsync<long>("SELECT count(*) FROM empty_one"));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(restored.Data) == (UnixFileMode)0b111_000_000);
        await restored.RunAsync("INSERT INTO t VALUES (0, 'writable')");
    }
}
