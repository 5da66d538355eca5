using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Extract;
using CardanoRwa.Recovery.Logical;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Tests.Wal;

namespace CardanoRwa.Tests.Recovery;

/// <summary>Rows out of a backup, put back where they were lost.</summary>
public sealed class ExtractTests : IAsyncLifetime, IDisposable
{
    private const string Schema = """
        CREATE TABLE assets (id uuid PRIMARY KEY, external_id text UNIQUE, name text, value numeric(20,4), tags text[], body jsonb, search tsvector GENERATED ALWAYS AS (to_tsvector('simple', name)) STORED);
        CREATE TABLE valuations (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, asset_id uuid NOT NULL REFERENCES assets, at timestamptz, ratio float8);
        CREATE TABLE contents (id int PRIMARY KEY, bytes bytea);
        CREATE TABLE pins (id int PRIMARY KEY, content_id int REFERENCES contents);
        CREATE TABLE evidence (id int PRIMARY KEY, asset_id uuid REFERENCES assets, content_id int REFERENCES contents, next_id int REFERENCES evidence DEFERRABLE);
        CREATE TABLE operations (id int PRIMARY KEY, asset_id uuid REFERENCES assets);
        CREATE TABLE transactions (id text PRIMARY KEY);
        CREATE TABLE carried (transaction_id text REFERENCES transactions, operation_id int REFERENCES operations, PRIMARY KEY (transaction_id, operation_id));
        CREATE TABLE log (line text)
        """;

    private const string Rows = """
        INSERT INTO assets SELECT ('00000000-0000-0000-0000-00000000000' || i)::uuid, 'ext-' || i, E'Name\nof \\ ''' || i, i * 1.5, ARRAY['a,b', NULL, '"'], '{"k": [1, null, "''\\u00e9"]}' FROM generate_series(1, 3) i;
        INSERT INTO valuations (asset_id, at, ratio) SELECT id, '2026-01-02 03:04:05.678901+02', 0.1 + 0.2 FROM assets, generate_series(1, 2);
        INSERT INTO contents SELECT i, decode('00ff5c27', 'hex') FROM generate_series(1, 3) i;
        INSERT INTO pins SELECT i, i FROM generate_series(1, 3) i;
        INSERT INTO evidence SELECT i, ('00000000-0000-0000-0000-00000000000' || i)::uuid, i FROM generate_series(1, 3) i;
        INSERT INTO operations SELECT i, ('00000000-0000-0000-0000-00000000000' || i)::uuid FROM generate_series(1, 3) i;
        INSERT INTO transactions VALUES ('tx-1'), ('tx-23');
        INSERT INTO carried VALUES ('tx-1', 1), ('tx-23', 2), ('tx-23', 3);
        INSERT INTO log VALUES ('one'), ('two')
        """;

    private static readonly string[] Tables = ["assets", "valuations", "contents", "pins", "evidence", "operations", "transactions", "carried", "log"];
    private readonly string _scratch = ThrowAwayCluster.NewFolder();
    private readonly Vault _vault = new(new MemoryStore());
    private ThrowAwayCluster _source = null!;

    public async Task InitializeAsync()
    {
        _source = await ThrowAwayCluster.CreateAsync(15);
        await _source.RunAsync(Schema);
        await _source.RunAsync(Rows);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    public void Dispose()
    {
        _vault.Dispose();
        Directory.Delete(_scratch, recursive: true);
    }

    [Fact]
    public async Task Asset_that_was_deleted_comes_back_from_before_with_all_that_belongs_to_it()
    {
        await using var receiver = Harness.Start(_source, _vault);
        await Harness.UntilAsync(() => receiver.Now.Stores.Count > 0, () => receiver.Now.ToString());
        await _vault.BackUpAsync(_source);
        await _source.RunAsync("UPDATE assets SET value = 7 WHERE external_id = 'ext-2'");
        var before = await HashesAsync();
        var point = await _source.AskAsync<NpgsqlTypes.NpgsqlLogSequenceNumber>("SELECT pg_current_wal_insert_lsn()");
        await _source.RunAsync("DELETE FROM carried WHERE operation_id = 2; DELETE FROM operations WHERE id = 2; DELETE FROM evidence WHERE id = 2; DELETE FROM pins WHERE id = 2; DELETE FROM contents WHERE id = 2; DELETE FROM valuations WHERE asset_id::text LIKE '%2'; DELETE FROM assets WHERE external_id = 'ext-2'");
        Assert.NotEqual(before, await HashesAsync());
        await receiver.StoredAsync(_source, "memory");
        var request = new ExtractRequest("assets") { Where = "external_id = 'ext-2'", FollowsReferences = true, AlsoTables = ["pins"], ScratchFolder = _scratch };

        var (late, _) = await ExtractAsync(request);
        var (result, sql) = await ExtractAsync(request with { Target = new RestoreTarget.Position(point) });

        Assert.Equal("extract.no-rows", late.Refusal!.Code);
        Assert.Equal([("public.assets", 1L), ("public.carried", 1), ("public.contents", 1), ("public.evidence", 1), ("public.operations", 1), ("public.pins", 1), ("public.transactions", 1), ("public.valuations", 2)],
            Vault.Value(result).Rows.OrderBy(r => r.Table, StringComparer.Ordinal));
        await _source.RunAsync(sql);
        Assert.Equal(before, await HashesAsync());
        // What is there stays, and to say it twice changes nothing.
        await _source.RunAsync(sql);
        Assert.Equal(before, await HashesAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));
    }

    [Fact]
    public async Task Table_comes_out_of_a_dump_and_replaces_what_was_spoiled()
    {
        Vault.Value(await new LogicalBackup([.. _vault.Stores], _vault.Writer, TimeProvider.System).RunAsync(new LogicalRequest(_source.ConnectionString) { ScratchFolder = _scratch }, new RecoveryProgress(TimeProvider.System), default));
        var before = await HashesAsync();
        await _source.RunAsync("UPDATE valuations SET ratio = -1; TRUNCATE log");

        var (_, kept) = await ExtractAsync(new ExtractRequest("valuations") { ScratchFolder = _scratch });
        await _source.RunAsync(kept);
        Assert.NotEqual(before, await HashesAsync());
        foreach (var table in (string[])["public.valuations", "log"])
        {
            var (result, sql) = await ExtractAsync(new ExtractRequest(table) { Replaces = true, ScratchFolder = _scratch });
            Assert.Single(Vault.Value(result).Rows);
            await _source.RunAsync(sql);
        }

        Assert.Equal(before, await HashesAsync());
        Assert.Equal("extract.where", (await ExtractAsync(new ExtractRequest("assets") { Where = "no_such = 1", ScratchFolder = _scratch })).Result.Refusal!.Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch));
    }

    [Fact]
    public async Task Scratch_server_listens_to_nobody_and_goes_with_a_killed_verb_at_the_next()
    {
        await _source.RunAsync("ALTER SYSTEM SET archive_command = 'touch /tmp/must-not-be'; ");
        string[] settings = ["ASPNETCORE_ENVIRONMENT=Development", $"Recovery__DataFolder={_scratch}/recovery", $"Recovery__ScratchFolder={_scratch}/servers", $"ConnectionStrings__rwadb={_source.ConnectionString}"];
        var (backedUp, _, fault) = await WorkerVerb.RunAsync(settings, "backup", "now");
        Assert.True(backedUp == 0, fault);

        // Its condition takes for ever, so the server lives when the verb is killed.
        using var verb = WorkerVerb.Start(settings, "restore", "table", "--name", "assets", "--where", "pg_sleep(600) IS NOT NULL");
        string? pidFile = null;
        for (var i = 0; i < 600 && pidFile is null; i++)
        {
            Assert.False(verb.HasExited, verb.HasExited ? await verb.StandardError.ReadToEndAsync() : "");
            await Task.Delay(50);
            pidFile = !Directory.Exists($"{_scratch}/servers") ? null : Directory.EnumerateFiles($"{_scratch}/servers", "postmaster.pid", SearchOption.AllDirectories)
                .FirstOrDefault(f => File.ReadAllLines(f) is { Length: >= 8 } lines && lines[7].StartsWith("ready", StringComparison.Ordinal));
        }
        var facts = await File.ReadAllLinesAsync(pidFile!);
        Assert.Equal("", facts[5]);
        var id = int.Parse(facts[0], System.Globalization.CultureInfo.InvariantCulture);
        verb.Kill();
        await verb.WaitForExitAsync();
        Assert.True(Directory.Exists($"/proc/{id}"));

        var (code, output, error) = await WorkerVerb.RunAsync(settings, "restore", "asset", "--id", "ext-3");

        Assert.True(code == 0, error);
        Assert.Contains("INSERT INTO public.assets", output, StringComparison.Ordinal);
        Assert.DoesNotContain("ext-2", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/proc/{id}"));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{_scratch}/servers"));
    }

    [Fact]
    public void Tables_are_written_after_those_they_refer_to_and_cycles_have_an_end()
    {
        Reference[] references = [new("b", ["a_id"], "a", ["id"]), new("c", ["b_id"], "b", ["id"]), new("a", ["c_id"], "c", ["id"]), new("b", ["up"], "b", ["id"]), new("c", ["d_id"], "d", ["id"]), new("e", ["d_id"], "d", ["id"])];

        var selection = RowSelection.Of("a", "id = 1", references, []);

        Assert.Equal(["a", "b", "c", "d"], selection.InOrder().Order(StringComparer.Ordinal));
        Assert.True(selection.InOrder().ToList().IndexOf("d") < selection.InOrder().ToList().IndexOf("c"));
        Assert.DoesNotContain("e", selection.InOrder());
        Assert.Contains("e", RowSelection.Of("a", null, references, ["e"]).InOrder());
    }

    private async Task<(Outcome<ExtractResult> Result, string Sql)> ExtractAsync(ExtractRequest request)
    {
        await using var output = new StringWriter();
        var result = await new RowExtract([.. _vault.Stores], _vault.Reader, new WalSource([.. _vault.Stores], _vault.Reader), TimeProvider.System)
            .RunAsync(request, output, new RecoveryProgress(TimeProvider.System), default);
        return (result, output.ToString());
    }

    private async Task<string> HashesAsync()
    {
        var hashes = new List<string>();
        foreach (var table in Tables)
        {
            hashes.Add(await _source.AskAsync<string>($"SELECT '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"));
        }
        return string.Join('\n', hashes);
    }
}
