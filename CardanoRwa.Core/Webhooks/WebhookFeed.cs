using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CardanoRwa.Core.Webhooks;

/// <summary>
/// Turns audit rows into deliveries. The audit table is the outbox: its row commits with the change, so no event is lost
/// and none is invented. Only transactions below the oldest one still running are read, each exactly once.
/// </summary>
public sealed partial class WebhookFeed(RwaDbContext db, TimeProvider clock, ILogger<WebhookFeed> logger)
{
    private const int Batch = 2_000;

    // Any constant will do; it spells 'rwa-feed'.
    private const long LockKey = 0x72_77_61_2d_66_65_65_64;

    /// <returns>True when there may be more at once.</returns>
    public Task<bool> StepAsync(CancellationToken cancellationToken) => db.Database.CreateExecutionStrategy().ExecuteAsync(StepOnceAsync, cancellationToken);

    private async Task<bool> StepOnceAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await using var command = ((NpgsqlConnection)db.Database.GetDbConnection()).CreateCommand();
        command.Transaction = (NpgsqlTransaction)transaction.GetDbTransaction();

        // Whoever has the lock reads; other workers go on with their own work. A lock of the row itself would write to it, twice a second for ever.
        command.CommandText = $"SELECT pg_try_advisory_xact_lock({LockKey})";
        if (await ReadAsync(command, r => r.GetBoolean(0), cancellationToken) is not true)
        {
            return false;
        }
        // Only now, so that what the last holder committed is seen.
        command.CommandText = "SELECT position, position > pg_snapshot_xmax(pg_current_snapshot()) FROM webhook_feed WHERE id = 1";
        if (await ReadAsync(command, r => (Position: r.GetFieldValue<ulong>(0), Foreign: r.GetBoolean(1)), cancellationToken) is not { } held)
        {
            return false;
        }
        if (held.Foreign)
        {
            // The rows were moved into another cluster, whose transaction numbers begin anew.
            command.CommandText = "UPDATE webhook_feed SET position = pg_snapshot_xmin(pg_current_snapshot()) WHERE id = 1";
            await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(CancellationToken.None);
            LogRestarted(logger, held.Position);
            return true;
        }

        command.CommandText = """
            SELECT max(transaction_id), count(*) FROM (
              SELECT transaction_id FROM audit
              WHERE transaction_id >= $1 AND transaction_id < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY transaction_id LIMIT $2) rows
            """;
        command.Parameters.Add(new NpgsqlParameter { Value = held.Position, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter { Value = Batch });
        var (last, rows) = (await ReadAsync(command, r => r.IsDBNull(0) ? (0ul, 0L) : (r.GetFieldValue<ulong>(0), r.GetInt64(1)), cancellationToken)).GetValueOrDefault();
        if (rows == 0)
        {
            return false;
        }

        // A transaction is told whole, so the last one of a full batch may bring more rows than the batch has.
        command.CommandText = """
            INSERT INTO webhook_deliveries (id, webhook_id, event_id, event_type, subject_id, sequence, body, status, attempts, next_at, since)
            SELECT gen_random_uuid(), w.id, a.id, a.event, a.subject_id, a.sequence,
                   json_build_object('id', a.id, 'type', a.event, 'at', to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                     'sequence', a.sequence, 'subjectId', a.subject_id, 'assetId', a.asset_id, 'data', coalesce(a.event_data, '{}'::jsonb))::text,
                   'pending', 0, $3, $3
            FROM audit a JOIN webhooks w ON w.transaction_id < a.transaction_id AND w.events && ARRAY[a.event, split_part(a.event, '.', 1) || '.*', '*']::text[]
            WHERE a.transaction_id >= $1 AND a.transaction_id <= $2 AND a.event IS NOT NULL
            ON CONFLICT (webhook_id, event_id) DO NOTHING
            """;
        command.Parameters.Clear();
        command.Parameters.Add(new NpgsqlParameter { Value = held.Position, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter { Value = last, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter { Value = ChangeStamp.Microseconds(clock.GetUtcNow()) });
        await command.ExecuteNonQueryAsync(cancellationToken);

        command.CommandText = "UPDATE webhook_feed SET position = $1 WHERE id = 1";
        command.Parameters.Clear();
        command.Parameters.Add(new NpgsqlParameter { Value = last + 1, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Xid8 });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return rows == Batch;
    }

    private static async Task<T?> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) where T : struct
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : null;
    }

    [LoggerMessage(2600, LogLevel.Error, "The webhook feed stood at transaction {Position}, which this database has not reached: the registry was moved to another cluster. Events from before now are not told.")]
    private static partial void LogRestarted(ILogger logger, ulong position);
}
