using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace CardanoRwa.Recovery.Drills;

/// <summary>
/// Counts a running database at an exact position of its log. Two sessions: one locks out writers for the moment in which the other takes
/// its snapshot and a restore point is written, so that snapshot and position say the same; the counting itself holds nobody up.
/// </summary>
public sealed class TallyTaker(string connectionString, TimeProvider clock)
{
    // Whoever writes waits at most this long for each try.
    private static readonly TimeSpan LockPatience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private const int Tries = 20;

    private readonly string _connectionString = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0, ApplicationName = "tally", Enlist = false }.ConnectionString;

    public async Task<Outcome<Tally>> RunAsync(CancellationToken cancellationToken)
    {
        await using var counting = await OpenAsync(cancellationToken);
        await using var locking = await OpenAsync(cancellationToken);
        for (var i = 1; ; i++)
        {
            await using var snapshot = await counting.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            try
            {
                if (await FixAsync(counting, locking, cancellationToken) is { } point)
                {
                    return point with { Tables = await TableCounts.ReadAsync(counting, ofCatalog: false, cancellationToken) };
                }
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                return new RecoveryRefusal("tally.privilege", e.MessageText, "Counting needs a user that may lock and read every table, and EXECUTE on pg_create_restore_point(text).");
            }
            if (i == Tries)
            {
                return new RecoveryRefusal("tally.busy", $"Some writer held a table during all of {Tries} tries.", "A long import does; try again after it.");
            }
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>Null when a writer was in the way.</summary>
    private async Task<Tally?> FixAsync(NpgsqlConnection counting, NpgsqlConnection locking, CancellationToken cancellationToken)
    {
        await using var locks = await locking.BeginTransactionAsync(cancellationToken);
        var tables = await TableCounts.ListAsync(locking, ofCatalog: false, cancellationToken);
        try
        {
            await ExecuteAsync(locking, $"SET LOCAL lock_timeout = {(int)LockPatience.TotalMilliseconds}", cancellationToken);
            if (tables.Count > 0)
            {
                await ExecuteAsync(locking, $"LOCK TABLE {string.Join(", ", tables.Select(t => $"ONLY {t}"))} IN SHARE MODE", cancellationToken);
            }
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
        // From here until the locks go, no table changes. The first query of the transaction takes its snapshot.
        var last = await Sentinels.LastAsync(counting, cancellationToken);
        var name = $"tally-{clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";
        await using var command = new NpgsqlCommand("""
            SELECT pg_create_restore_point($1), clock_timestamp(), current_database(), (SELECT system_identifier::text FROM pg_control_system()),
                   (SELECT timeline_id FROM pg_control_checkpoint()), (SELECT rolname FROM pg_roles WHERE oid = 10)
            """, locking)
        { Parameters = { new() { Value = name } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new Tally(name, row.GetString(3), (uint)row.GetInt32(4), row.GetFieldValue<Lsn>(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(5), last?.Sequence, []);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
