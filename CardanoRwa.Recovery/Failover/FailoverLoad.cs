using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace CardanoRwa.Recovery.Failover;

/// <summary>Writers over SQL, and through the Api where there is one, that remember what was acknowledged to them.</summary>
internal sealed class FailoverLoad : IAsyncDisposable
{
    public const string Table = "rwa_failover_drill";
    private const int Writers = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan WriteMayTake = TimeSpan.FromSeconds(60);
    private readonly NpgsqlMultiHostDataSource _pair;
    private readonly NpgsqlDataSource _primary;
    private readonly HttpClient? _api;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly HashSet<(int Writer, long Number)> _rows = [];
    private readonly HashSet<Guid> _assets = [];
    private readonly List<(int Writer, long Number)> _roundRows = [];
    private readonly List<Guid> _roundAssets = [];
    private List<Task> _running = [];
    private long _killedAt = long.MaxValue;
    private int _deadPort;
    private TaskCompletionSource<long> _firstSql = new();
    private TaskCompletionSource<long> _firstApi = new();

    private FailoverLoad(string connectionString, Uri? api, string? apiKey, TimeProvider clock)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString);
        source.ConnectionStringBuilder.TargetSessionAttributes = null;
        source.ConnectionStringBuilder.Timeout = 3;
        source.ConnectionStringBuilder.CommandTimeout = 10;
        source.ConnectionStringBuilder.HostRecheckSeconds = 1;
        _pair = source.BuildMultiHost();
        _primary = _pair.WithTargetSession(TargetSessionAttributes.Primary);
        _clock = clock;
        if (api is not null)
        {
            _api = new HttpClient { BaseAddress = api, Timeout = TimeSpan.FromSeconds(15) };
            _api.DefaultRequestHeaders.Add("X-Api-Key", apiKey);
        }
    }

    /// <summary>In this round.</summary>
    public long Acknowledged
    {
        get
        {
            lock (_lock)
            {
                return _roundRows.Count + _roundAssets.Count;
            }
        }
    }

    public static async Task<FailoverLoad> StartAsync(string connectionString, Uri? api, string? apiKey, TimeProvider clock, CancellationToken cancellationToken)
    {
        var load = new FailoverLoad(connectionString, api, apiKey, clock);
        await using (var make = load._primary.CreateCommand($"DROP TABLE IF EXISTS {Table}; CREATE TABLE {Table} (writer int, number bigint, PRIMARY KEY (writer, number))"))
        {
            await make.ExecuteNonQueryAsync(cancellationToken);
        }
        load._running = [.. Enumerable.Range(0, Writers).Select(w => Task.Run(() => load.WriteAsync(w), CancellationToken.None)), .. Enumerable.Range(0, load._api is null ? 0 : Writers).Select(_ => Task.Run(load.PostAsync, CancellationToken.None))];
        return load;
    }

    public void BeginRound()
    {
        lock (_lock)
        {
            _roundRows.Clear();
            _roundAssets.Clear();
            _killedAt = long.MaxValue;
            (_firstSql, _firstApi) = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>What is begun from now on can only be acknowledged by the other server.</summary>
    public void Killed(int port)
    {
        lock (_lock)
        {
            (_killedAt, _deadPort) = (_clock.GetTimestamp(), port);
        }
    }

    /// <summary>When the first writes were acknowledged after the kill; null where none was in a minute.</summary>
    public async Task<(long? Sql, long? Api)> FirstWritesAsync(CancellationToken cancellationToken)
    {
        var patience = Task.Delay(WriteMayTake, _clock, cancellationToken);
        await Task.WhenAny(_api is null ? _firstSql.Task : Task.WhenAll(_firstSql.Task, _firstApi.Task), patience);
        cancellationToken.ThrowIfCancellationRequested();
        return (_firstSql.Task.IsCompletedSuccessfully ? await _firstSql.Task : null, _firstApi.Task.IsCompletedSuccessfully ? await _firstApi.Task : null);
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
    }

    /// <summary>How many acknowledged writes the primary does not have: of this round, or of all.</summary>
    public async Task<long> MissingAsync(bool everything, CancellationToken cancellationToken)
    {
        List<(int Writer, long Number)> rows;
        List<Guid> assets;
        lock (_lock)
        {
            rows = [.. everything ? _rows : _roundRows.AsEnumerable()];
            assets = [.. everything ? _assets : _roundAssets.AsEnumerable()];
        }
        await using var missing = _primary.CreateCommand($"""
            SELECT count(*) FROM unnest($1, $2) AS acknowledged (writer, number) WHERE NOT EXISTS (SELECT FROM {Table} t WHERE t.writer = acknowledged.writer AND t.number = acknowledged.number)
            """);
        missing.Parameters.AddWithValue(rows.Select(r => r.Writer).ToArray());
        missing.Parameters.AddWithValue(rows.Select(r => r.Number).ToArray());
        var lost = (long)(await missing.ExecuteScalarAsync(cancellationToken))!;
        if (assets.Count > 0)
        {
            await using var gone = _primary.CreateCommand("SELECT count(*) FROM unnest($1) AS acknowledged (id) WHERE NOT EXISTS (SELECT FROM assets a WHERE a.id = acknowledged.id)");
            gone.Parameters.AddWithValue(assets.ToArray());
            lost += (long)(await gone.ExecuteScalarAsync(cancellationToken))!;
        }
        return lost;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        try
        {
            await using var drop = _primary.CreateCommand($"DROP TABLE IF EXISTS {Table}");
            await drop.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException)
        {
            // No primary at the end of a drill that failed; the next one begins by dropping it.
        }
        await _primary.DisposeAsync();
        await _pair.DisposeAsync();
        _api?.Dispose();
        _stopping.Dispose();
    }

    private async Task WriteAsync(int writer)
    {
        for (var number = 1L; !_stopping.IsCancellationRequested; number++)
        {
            var began = _clock.GetTimestamp();
            try
            {
                await using var connection = await _primary.OpenConnectionAsync();
                await using var insert = new NpgsqlCommand($"INSERT INTO {Table} (writer, number) VALUES ($1, $2)", connection) { Parameters = { new() { Value = writer }, new() { Value = number } } };
                await insert.ExecuteNonQueryAsync();
                lock (_lock)
                {
                    _rows.Add((writer, number));
                    _roundRows.Add((writer, number));
                    if (began > _killedAt && connection.Port != _deadPort)
                    {
                        _firstSql.TrySetResult(_clock.GetTimestamp());
                    }
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                // Not acknowledged. Which server is which is asked again, not remembered.
                _pair.ClearDatabaseStates();
            }
            await Task.Delay(Pause, _clock);
        }
    }

    private async Task PostAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var began = _clock.GetTimestamp();
            try
            {
                using var answer = await _api!.PostAsJsonAsync(new Uri("/api/v1/assets", UriKind.Relative), new { name = "Failover drill", value = 1 });
                if (answer.StatusCode == HttpStatusCode.Created)
                {
                    var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
                    lock (_lock)
                    {
                        _assets.Add(id);
                        _roundAssets.Add(id);
                        if (began > _killedAt)
                        {
                            _firstApi.TrySetResult(_clock.GetTimestamp());
                        }
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Not acknowledged.
            }
            await Task.Delay(Pause, _clock);
        }
    }
}
