using CardanoRwa.Recovery.Base;
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

    [Fact]
    public async Task Files_are_read_from_the_directory_where_it_is_the_servers_for_certain()
    {
        using var vault = new Vault(new MemoryStore());
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await using var session = await new SourceServer(source.ConnectionString).OpenAsync(default);
        await source.RunAsync("SELECT pg_create_physical_replication_slot('base_of_this_one')");

        Assert.Equal(OperatingSystem.IsLinux() ? source.Data : null, await LocalDirectory.FindAsync(session, "base_of_this_one", default));
        // Another cluster's directory of the same name would lack the slot.
        Assert.Null(await LocalDirectory.FindAsync(session, "base_of_another", default));
        await source.RunAsync("SELECT pg_drop_replication_slot('base_of_this_one')");

        Assert.Equal(OperatingSystem.IsLinux(), (await vault.BackUpAsync(source)).IsReadHere);
        Assert.False((await vault.BackUpAsync(source, readsFilesHere: false)).IsReadHere);
    }

    [Fact]
    public async Task Files_are_not_read_from_a_directory_that_another_server_runs_in()
    {
        await using var source = await ThrowAwayCluster.CreateAsync(15);
        await using var other = await ThrowAwayCluster.CreateAsync(15);
        await source.RunAsync("SELECT pg_create_physical_replication_slot('base_x')");
        await using var session = await new SourceServer(source.ConnectionString).OpenAsync(default);
        var file = Path.Combine(source.Data, "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(file);

        // What the file says is not believed: neither a process that runs elsewhere, nor one that does not run.
        await File.WriteAllLinesAsync(file, [(await File.ReadAllLinesAsync(Path.Combine(other.Data, "postmaster.pid")))[0], .. lines[1..]]);
        Assert.Null(await LocalDirectory.FindAsync(session, "base_x", default));
        await File.WriteAllLinesAsync(file, [int.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture), .. lines[1..]]);
        Assert.Null(await LocalDirectory.FindAsync(session, "base_x", default));

        await File.WriteAllLinesAsync(file, lines);
        Assert.Equal(OperatingSystem.IsLinux() ? source.Data : null, await LocalDirectory.FindAsync(session, "base_x", default));
    }
}
