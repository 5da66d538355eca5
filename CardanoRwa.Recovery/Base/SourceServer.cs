using Npgsql;
using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Base;

/// <summary>Connections to the server that is backed up, each to be closed by who opened it.</summary>
public sealed class SourceServer(string connectionString)
{
    private readonly string _connectionString = new NpgsqlConnectionStringBuilder(connectionString)
    {
        Pooling = false,
        CommandTimeout = 0,
        KeepAlive = 30,
        Enlist = false,
        ApplicationName = "base backup",
        ReadBufferSize = 256 * 1024,
        // Compiling the listing took longer than running it; and a backup outlasts what is set for an application's sessions.
        Options = "-c jit=off -c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0",
    }.ConnectionString;

    // GUCs that a server replaying this cluster's WAL must not set lower, then those that say where its configuration lies.
    private const string FactsQuery = """
        SELECT (SELECT system_identifier::text FROM pg_control_system()),
               (SELECT timeline_id FROM pg_control_checkpoint()),
               current_setting('server_version'), current_setting('server_version_num')::int,
               current_setting('block_size')::int, current_setting('data_checksums') = 'on', current_setting('wal_log_hints') = 'on',
               current_setting('summarize_wal', true), pg_is_in_recovery(), clock_timestamp(),
               (SELECT setting::int FROM pg_settings WHERE name = 'segment_size'),
               (SELECT setting::int FROM pg_settings WHERE name = 'wal_segment_size'),
               ARRAY(SELECT name || '=' || setting FROM pg_settings WHERE name IN (
                   'max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction', 'wal_level')),
               ARRAY(SELECT extname || '=' || extversion FROM pg_extension ORDER BY 1)
        """;

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connectionString);
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

    internal static async Task<SourceFacts> FactsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FactsQuery, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var server = new ServerFacts(row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(10), row.GetInt32(11), row.GetBoolean(5),
            Pairs(row.GetFieldValue<string[]>(12)), Pairs(row.GetFieldValue<string[]>(13)));
        return new SourceFacts(row.GetString(0), (uint)row.GetInt32(1), server, row.GetBoolean(6), !row.IsDBNull(7) && row.GetString(7) == "on", row.GetBoolean(8), row.GetFieldValue<DateTimeOffset>(9));
    }

    private static Dictionary<string, string> Pairs(string[] texts) => texts.Select(t => t.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
}

internal sealed record SourceFacts(string SystemId, uint Timeline, ServerFacts Server, bool LogsHints, bool SummarizesWal, bool IsInRecovery, DateTimeOffset Now);
