using Npgsql;
using NpgsqlTypes;

namespace CardanoRwa.Tests.Recovery;

/// <summary>A moment at which nothing was being written, and what every table held then.</summary>
internal sealed record Moment(int Id, NpgsqlLogSequenceNumber Lsn, DateTimeOffset At, string Name, string Hashes);

/// <summary>Clients that write without pause while another makes, fills, rewrites, empties and drops tables.</summary>
internal sealed class Fire : IAsyncDisposable
{
    private const string Setup = """
        CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL, filler text);
        INSERT INTO account SELECT i, 0, repeat('x', 200) FROM generate_series(1, 20000) i;
        CREATE TABLE history (id bigserial PRIMARY KEY, account int, delta bigint);
        CREATE TABLE moving AS SELECT * FROM account;
        CREATE TABLE moments (id int PRIMARY KEY)
        """;

    private static readonly string[] Upheaval =
    [
        "VACUUM FULL moving", "TRUNCATE moving", "INSERT INTO moving SELECT * FROM account", "DROP TABLE IF EXISTS passing", "CREATE TABLE passing AS SELECT * FROM account",
        "CREATE INDEX ON passing (filler)", "ALTER TABLE passing ADD COLUMN extra int DEFAULT 1", "UPDATE passing SET extra = id", "VACUUM passing", "CHECKPOINT",
    ];

    private readonly ThrowAwayCluster _source;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<SemaphoreSlim> _gates = [];
    private readonly List<Task> _clients = [];
    private int _moments;

    private Fire(ThrowAwayCluster source) => _source = source;

    public static async Task<Fire> StartAsync(ThrowAwayCluster source, int writers)
    {
        await source.RunAsync(Setup);
        var fire = new Fire(source);
        for (var i = 0; i < writers; i++)
        {
            var random = new Random(i);
            fire.Begin(_ => Transfer(random));
        }
        fire.Begin(step => Upheaval[step % Upheaval.Length]);
        return fire;
    }

    /// <summary>Holds all clients, commits a mark, and notes where and when it was and what every table held.</summary>
    public async Task<Moment> PauseAsync()
    {
        foreach (var gate in _gates)
        {
            await gate.WaitAsync();
        }
        try
        {
            var id = ++_moments;
            await _source.RunAsync($"INSERT INTO moments VALUES ({id})");
            var hashes = await HashesAsync(_source);
            await using var connection = await _source.OpenAsync();
            await using var ask = new NpgsqlCommand($"SELECT pg_create_restore_point('moment-{id}'), clock_timestamp(), pg_current_wal_insert_lsn()", connection);
            await using var row = await ask.ExecuteReaderAsync();
            await row.ReadAsync();
            var moment = new Moment(id, row.GetFieldValue<NpgsqlLogSequenceNumber>(2), row.GetFieldValue<DateTimeOffset>(1), $"moment-{id}", hashes);
            // So that what comes next is later by the clock too.
            await Task.Delay(5);
            return moment;
        }
        finally
        {
            _gates.ForEach(g => g.Release());
        }
    }

    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients).ContinueWith(static _ => { }, TaskScheduler.Default);
        _gates.ForEach(g => g.Dispose());
        _stop.Dispose();
    }

    /// <summary>Rows and their hash, of every table there is.</summary>
    public static async Task<string> HashesAsync(ThrowAwayCluster cluster)
    {
        var tables = await cluster.AskAsync<string[]>("SELECT ARRAY(SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1)");
        var hashes = new List<string>();
        foreach (var table in tables)
        {
            hashes.Add(await cluster.AskAsync<string>($"SELECT '{table} ' || count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {table} t"));
        }
        return string.Join('\n', hashes);
    }

    /// <summary>Sums agree, indexes have what their tables have, pages are whole. Stops the server.</summary>
    public static async Task AssertSoundAsync(ThrowAwayCluster restored)
    {
        Assert.Equal(0L, await restored.AskAsync<long>("SELECT count(*) FROM account a LEFT JOIN (SELECT account, sum(delta) s FROM history GROUP BY 1) h ON h.account = a.id WHERE a.balance <> coalesce(h.s, 0)"));
        // The npm build of 18 comes without extensions.
        if (await restored.AskAsync<long>("SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'") > 0)
        {
            await restored.RunAsync("CREATE EXTENSION amcheck; SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.relkind = 'i' AND a.amname = 'btree' AND c.relpersistence = 'p'");
            Assert.Equal(0L, await restored.AskAsync<long>("SELECT count(*) FROM pg_class c, verify_heapam(c.oid) WHERE c.relkind = 'r' AND c.relpersistence = 'p'"));
        }
        Assert.Null(await restored.ChecksumFaultsAsync(stopFirst: true));
    }

    private static string Transfer(Random random)
    {
        var (account, delta) = (random.Next(1, 20001), random.Next(-500, 500));
        return $"BEGIN; UPDATE account SET balance = balance + {delta} WHERE id = {account}; INSERT INTO history (account, delta) VALUES ({account}, {delta}); COMMIT";
    }

    private void Begin(Func<int, string> next)
    {
        var gate = new SemaphoreSlim(1);
        _gates.Add(gate);
        _clients.Add(RunAsync(gate, next));
    }

    private async Task RunAsync(SemaphoreSlim gate, Func<int, string> next)
    {
        await using var connection = await _source.OpenAsync();
        for (var step = 0; !_stop.IsCancellationRequested; step++)
        {
            await gate.WaitAsync();
            try
            {
                await using var command = new NpgsqlCommand(next(step), connection);
                await command.ExecuteNonQueryAsync();
            }
            finally
            {
                gate.Release();
            }
            await Task.Yield();
        }
    }
}
