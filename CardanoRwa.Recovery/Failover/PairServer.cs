using Npgsql;

namespace CardanoRwa.Recovery.Failover;

/// <summary>One of the servers that a connection string names, asked by itself whatever its part.</summary>
public sealed class PairServer
{
    private readonly NpgsqlConnectionStringBuilder _settings;

    private PairServer(NpgsqlConnectionStringBuilder settings, string host, int port) => (_settings, Host, Port) = (new NpgsqlConnectionStringBuilder(settings.ConnectionString)
    {
        Host = host,
        Port = port,
        TargetSessionAttributes = null,
        Pooling = false,
        Timeout = 2,
        CommandTimeout = 5,
        ApplicationName = "failover",
    }, host, port);

    public string Host { get; }
    public int Port { get; }
    public string Name => $"{Host}:{Port}";
    public string ConnectionString => _settings.ConnectionString;

    public static IReadOnlyList<PairServer> Of(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return [.. (settings.Host ?? "localhost").Split(',', StringSplitOptions.TrimEntries).Select(h =>
            h.LastIndexOf(':') is var at and > 0 && int.TryParse(h[(at + 1)..], out var port) ? new PairServer(settings, h[..at], port) : new PairServer(settings, h, settings.Port))];
    }

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>How it stands; null with the reason where it does not answer.</summary>
    public async Task<(PairServerState? State, string? Fault)> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("""
                SELECT pg_is_in_recovery(), (SELECT timeline_id FROM pg_control_checkpoint()),
                       CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_flush_lsn() END,
                       (SELECT string_agg(application_name || ' ' || state || ' ' || sync_state, ', ') FROM pg_stat_replication WHERE application_name = 'rwa_standby'),
                       (SELECT status FROM pg_stat_wal_receiver),
                       current_setting('synchronous_standby_names'),
                       EXISTS (SELECT FROM pg_ls_dir('.') f WHERE f = 'rwa.synchronous')
                """, connection);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            return (new PairServerState(row.GetBoolean(0), row.GetInt32(1), await row.GetFieldValueAsync<Lsn>(2, cancellationToken),
                await row.IsDBNullAsync(3, cancellationToken) ? null : row.GetString(3), await row.IsDBNullAsync(4, cancellationToken) ? null : row.GetString(4), row.GetString(5), row.GetBoolean(6)), null);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return (null, e.GetBaseException().Message);
        }
    }
}

/// <param name="IsStandby">It replays another's log and takes no writes.</param>
/// <param name="Timeline">By its last checkpoint.</param>
/// <param name="End">Where its log ends, or what it has received of its primary's.</param>
/// <param name="Followers">Standbys that stream from it.</param>
/// <param name="Receiving">The state of its own stream.</param>
/// <param name="SynchronousNames">For whom commits wait.</param>
/// <param name="HasAll">A standby that commits have waited for: nothing acknowledged is missing on it.</param>
public sealed record PairServerState(bool IsStandby, int Timeline, Lsn End, string? Followers, string? Receiving, string SynchronousNames, bool HasAll);
