using Npgsql;

namespace CardanoRwa.Recovery.Drills;

/// <summary>A row that was committed, with the database's time.</summary>
public sealed record Sentinel(long Sequence, DateTimeOffset At);

/// <summary>
/// Rows committed every second into the database that is backed up. What of them a restored copy lacks, though they were acknowledged,
/// is what a loss at that moment would have cost.
/// </summary>
public static class Sentinels
{
    public const string Table = "public.recovery_sentinels";

    public const string CreateTable = $"""
        CREATE TABLE {Table} (sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());
        """;

    /// <summary>Longer than anything a drill looks back to.</summary>
    private const string Kept = "1 hour";

    public static async Task<Sentinel> CommitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"INSERT INTO {Table} DEFAULT VALUES RETURNING sequence, at", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Sentinel(reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1));
    }

    public static async Task PruneAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"DELETE FROM {Table} WHERE at < clock_timestamp() - interval '{Kept}'", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Null where there are none.</summary>
    public static async Task<Sentinel?> LastAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand($"SELECT to_regclass('{Table}') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken))!)
        {
            return null;
        }
        await using var command = new NpgsqlCommand($"SELECT sequence, at FROM {Table} ORDER BY sequence DESC LIMIT 1", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new Sentinel(reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1)) : null;
    }
}
