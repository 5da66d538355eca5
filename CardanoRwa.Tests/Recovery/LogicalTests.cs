using System.Diagnostics;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Logical;
using CardanoRwa.Recovery.Restore;
using Npgsql;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Dumps of a database: made, listed, verified, loaded, refused.</summary>
public sealed class LogicalTests : IAsyncLifetime, IDisposable
{
    private readonly string _scratch = ThrowAwayCluster.NewFolder();
    private readonly Vault _vault = new();
    private ThrowAwayCluster _source = null!;

    public async Task InitializeAsync()
    {
        _source = await ThrowAwayCluster.CreateAsync(15);
        await _source.RunAsync("""
            CREATE SCHEMA "Odd schema";
            CREATE TABLE t (id int PRIMARY KEY, body text, doubled int GENERATED ALWAYS AS (id * 2) STORED);
            INSERT INTO t SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 30000) i;
            CREATE TABLE "Odd schema"."Odd table" (at timestamptz, n bigint GENERATED ALWAYS AS IDENTITY);
            INSERT INTO "Odd schema"."Odd table" SELECT now() FROM generate_series(1, 10);
            CREATE TABLE parted (id int) PARTITION BY RANGE (id);
            CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100);
            INSERT INTO parted SELECT generate_series(0, 99);
            SELECT lo_from_bytea(0, 'large object');
            CREATE FUNCTION plus(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1'
            """);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    public void Dispose()
    {
        _vault.Dispose();
        Directory.Delete(_scratch, recursive: true);
    }

    [Fact]
    public async Task Dump_is_listed_verifies_and_loads_with_the_rows_of_its_snapshot()
    {
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(stop.Token);
        var made = Vault.Value(await BackUpAsync());
        await stop.CancelAsync();
        await writing;

        Assert.Equal((BackupKind.Logical, "postgres"), (made.Manifest.Kind, made.Manifest.Logical!.Database));
        Assert.Equal(["one", "two"], made.Stores);
        var listing = await _vault.Catalogue.ListAsync(null, default);
        Assert.Empty(listing.Backups);
        var entry = Assert.Single(listing.Logical);
        Assert.All(Vault.Value(await new BackupVerification(_vault.Reader).RunAsync(entry, [.. _vault.Stores], new RecoveryProgress(TimeProvider.System), default)), r => Assert.Empty(r.Faults));
        await _source.RunAsync("CREATE DATABASE loaded");
        var result = Vault.Value(await RestoreAsync("loaded"));
        Assert.Empty(result.Differences);
        Assert.Equal(3, result.Tables);
        await using var loaded = await OpenAsync("loaded");
        // All rows of a writer's transaction or none: the snapshot is one for all tables.
        Assert.Equal(await AskAsync<long>(loaded, "SELECT count(*) - 30000 FROM t"), await AskAsync<long>(loaded, "SELECT count(*) - 10 FROM \"Odd schema\".\"Odd table\""));
        Assert.Equal("large object", await AskAsync<string>(loaded, "SELECT convert_from(lo_get(oid), 'utf8') FROM pg_largeobject_metadata"));
        Assert.Equal(42, await AskAsync<int>(loaded, "SELECT plus(41)"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));
    }

    [Fact]
    public async Task Load_is_refused_into_what_is_not_empty_by_a_wrong_key_or_of_a_physical_backup()
    {
        var dump = Vault.Value(await BackUpAsync()).Manifest;
        var physical = (await _vault.BackUpAsync(_source)).Manifest;
        await _source.RunAsync("CREATE DATABASE vacant");

        Assert.Equal("restore.not-empty", (await RestoreAsync("postgres")).Refusal!.Code);
        Assert.Equal("restore.not-logical", (await RestoreAsync("vacant", physical.Id)).Refusal!.Code);
        Assert.Equal("restore.no-backup", (await RestoreAsync("vacant", "none")).Refusal!.Code);
        using var stranger = CardanoRwa.Recovery.Keys.Identity.New();
        var strange = new CardanoRwa.Recovery.Keys.KeyRing([.. _vault.Stores], [], [stranger], TimeProvider.System);
        Assert.Equal("key.wrong", (await new LogicalRestore([.. _vault.Stores], strange, TimeProvider.System).RunAsync(new LogicalRestoreRequest(Connection("vacant")), new RecoveryProgress(TimeProvider.System), default)).Refusal!.Code);
        // A dump is no base of anything: the cluster is restored from the physical backup although the dump is there too.
        Assert.Equal("restore.no-backup", (await _vault.TryRestoreAsync(new RestoreRequest(Path.Combine(_scratch, "data"), new RestoreTarget.Backup()) { BackupId = dump.Id })).Refusal!.Code);
        Assert.Equal(physical.Id, (await _vault.BackUpAsync(_source, isIncremental: true)).Manifest.ParentId);
    }

    [Fact]
    public async Task Missing_or_old_programs_are_refused_with_the_command_that_installs_them()
    {
        var refusal = (await BackUpAsync(r => r with { ProgramsFolder = _scratch })).Refusal!;

        Assert.Equal("logical.no-client", refusal.Code);
        Assert.Contains("apt-get install -y postgresql-client-15", refusal.Hint, StringComparison.Ordinal);
        var tooNew = (await ClientPrograms.FindAsync(null, 99, default)).Refusal!;
        Assert.Contains("99 or newer", tooNew.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(_vault.Stores[0].Objects.Keys, k => k.Contains("/base/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dump_that_outgrows_its_scratch_or_lacks_a_privilege_ends_refused_and_leaves_nothing()
    {
        // Large enough to be seen while it is written: five times a second it is looked.
        await _source.RunAsync("CREATE TABLE large AS SELECT i, repeat(md5(i::text), 32) AS filler FROM generate_series(1, 60000) i");
        Assert.Equal("logical.scratch", (await BackUpAsync(r => r with { ScratchBytes = 1000 })).Refusal!.Code);
        await _source.RunAsync("DROP TABLE large");
        await _source.RunAsync("CREATE ROLE poor LOGIN; GRANT SELECT ON t TO poor");
        var poor = new NpgsqlConnectionStringBuilder(_source.ConnectionString) { Username = "poor" }.ConnectionString;

        var refusal = (await new LogicalBackup([.. _vault.Stores], _vault.Writer, TimeProvider.System).RunAsync(new LogicalRequest(poor) { ScratchFolder = _scratch }, new RecoveryProgress(TimeProvider.System), default)).Refusal!;

        Assert.Contains(refusal.Code, (string[])["logical.privileges", "logical.dump-failed"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));
        Assert.Empty((await _vault.Catalogue.ListAsync(null, default)).Logical);
    }

    [Fact]
    public async Task Store_that_fails_is_left_out_of_a_dump_and_damage_comes_from_the_other_store()
    {
        var made = Vault.Value(await BackUpAsync()).Manifest;
        var data = Layout.Data(made.SystemId, made.Id, 0);
        _vault.Stores[0].Objects[data][4000] ^= 1;
        await _source.RunAsync("CREATE DATABASE mended");
        Assert.Contains(data, Assert.Single(Vault.Value(await RestoreAsync("mended", made.Id)).FallbackObjects), StringComparison.Ordinal);

        _vault.Stores[0].OnWrite = key => key.Contains("/data/", StringComparison.Ordinal) ? new CardanoRwa.Storage.StoreException("one", "no space", false) : null;
        var second = Vault.Value(await BackUpAsync());
        Assert.Equal(["two"], second.Stores);
        Assert.Equal(["one"], second.FailedStores.Keys);
    }

    [Fact]
    public void Scratch_of_a_run_that_was_killed_goes_with_the_next_and_that_of_a_living_one_stays()
    {
        using var living = ScratchFolder.Create(_scratch);
        var dead = Path.Combine(_scratch, "rwa-scratch-000000000000");
        Directory.CreateDirectory(Path.Combine(dead, "dump"));
        File.WriteAllText(Path.Combine(dead, "lock"), "");
        File.WriteAllText(Path.Combine(dead, "dump", "3.dat"), "rows");

        using var next = ScratchFolder.Create(_scratch);

        Assert.Equal(new[] { living.Path, next.Path }.Order(StringComparer.Ordinal), Directory.EnumerateDirectories(_scratch).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Password_stands_on_no_command_line_and_killed_dump_leaves_nothing_that_is_listed()
    {
        await _source.RunAsync("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'a-word-to-look-for'; CREATE TABLE held (id int)");
        await using var locking = await _source.OpenAsync();
        await using var transaction = await locking.BeginTransactionAsync();
        await new NpgsqlCommand("LOCK TABLE held IN ACCESS EXCLUSIVE MODE", locking, transaction).ExecuteNonQueryAsync();
        string[] settings =
        [
            "ASPNETCORE_ENVIRONMENT=Development", $"Recovery__DataFolder={_scratch}/recovery", $"Recovery__ScratchFolder={_scratch}/dumps",
            $"ConnectionStrings__rwadb=Host=127.0.0.1;Port={_source.Port};Username=guarded;Password=a-word-to-look-for;Database=postgres",
        ];
        using var process = WorkerVerb.Start(settings, "backup", "now", "--logical");
        // pg_dump waits for the lock: there is time to look.
        var lines = "";
        for (var i = 0; i < 400 && !lines.Contains("--snapshot=", StringComparison.Ordinal); i++)
        {
            Assert.False(process.HasExited, process.HasExited ? await process.StandardError.ReadToEndAsync() : "");
            await Task.Delay(50);
            lines = string.Join('\n', Process.GetProcesses().Select(CommandLineOf));
        }
        Assert.Contains("--snapshot=", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("a-word-to-look-for", lines, StringComparison.Ordinal);

        process.Kill();
        await process.WaitForExitAsync();
        Assert.NotEmpty(Directory.EnumerateDirectories($"{_scratch}/dumps"));
        await transaction.RollbackAsync();

        var (code, output, error) = await WorkerVerb.RunAsync(settings, "backup", "now", "--logical", "--json");
        Assert.True(code == 0, error);
        Assert.Contains("\"logical\"", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories($"{_scratch}/dumps"));
        var listed = System.Text.Json.JsonDocument.Parse((await WorkerVerb.RunAsync(settings, "backup", "list", "--json")).Output).RootElement;
        Assert.Equal(1, listed.GetProperty("backups").GetArrayLength());
        Assert.Equal("logical", listed.GetProperty("achievedRpo")[0].GetProperty("mode").GetString());
        var refused = await WorkerVerb.RunAsync(settings, "restore", "--target-database", "Host=127.0.0.1;Password=x");
        Assert.StartsWith("restore.password", refused.Error, StringComparison.Ordinal);
    }

    private static string CommandLineOf(Process process)
    {
        using (process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/cmdline").Replace('\0', ' ');
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    private async Task<Outcome<CardanoRwa.Recovery.Base.BackupResult>> BackUpAsync(Func<LogicalRequest, LogicalRequest>? change = null)
    {
        var request = new LogicalRequest(_source.ConnectionString) { ScratchFolder = _scratch };
        return await new LogicalBackup([.. _vault.Stores], _vault.Writer, TimeProvider.System).RunAsync(change?.Invoke(request) ?? request, new RecoveryProgress(TimeProvider.System), default);
    }

    private async Task<Outcome<LogicalRestoreResult>> RestoreAsync(string database, string? id = null) =>
        await new LogicalRestore([.. _vault.Stores], _vault.Reader, TimeProvider.System)
            .RunAsync(new LogicalRestoreRequest(Connection(database)) { BackupId = id, ScratchFolder = _scratch }, new RecoveryProgress(TimeProvider.System), default);

    private string Connection(string database) => new NpgsqlConnectionStringBuilder(_source.ConnectionString) { Database = database }.ConnectionString;

    private async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection(Connection(database));
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<T> AskAsync<T>(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        await using var connection = await _source.OpenAsync();
        for (var i = 100_000; !stop.IsCancellationRequested; i++)
        {
            await using var command = new NpgsqlCommand($"BEGIN; INSERT INTO t (id) VALUES ({i}); INSERT INTO \"Odd schema\".\"Odd table\" VALUES (now()); COMMIT", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }
}
