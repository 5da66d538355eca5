using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Storage;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Removes what is no longer needed, every hour, by one worker: the database's lock where it is up, and in any case the store's own.</summary>
internal sealed partial class RetentionSchedule(
    string source, IReadOnlyList<IObjectStore> stores, RetentionOptions options, BackupMetrics metrics, TimeProvider clock, ILogger<RetentionSchedule> logger)
{
    // Any constant will do; it spells 'rwa-ret'.
    private const long LockKey = 0x72_77_61_2d_72_65_74;

    /// <param name="systemId">The cluster, once it is known.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task RunAsync(Func<string?> systemId, CancellationToken cancellationToken)
    {
        while (options.Enabled)
        {
            var pause = TimeSpan.FromSeconds(5);
            if (systemId() is { } known)
            {
                try
                {
                    await TurnAsync(known, cancellationToken);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is StoreException or DamagedObjectException or System.Text.Json.JsonException)
                {
                    LogFailed(logger, e);
                }
                pause = options.Interval;
            }
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private async Task TurnAsync(string systemId, CancellationToken cancellationToken)
    {
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(source) { Pooling = false, KeepAlive = 5, Timeout = 5 }.ConnectionString);
        try
        {
            await session.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({LockKey})", session);
            if (!(bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            {
                return;
            }
        }
        catch (NpgsqlException)
        {
            // The database is down; the stores have a lock of their own.
        }
        foreach (var report in await new RetentionRun(stores, options, clock).RunAsync(systemId, isDry: false, cancellationToken))
        {
            Tell(report);
        }
    }

    private void Tell(StoreRetention report)
    {
        metrics.Removed(report.Store, "backup", report.RemovedBackups.Count);
        metrics.Removed(report.Store, "unfinished", report.RemovedUnfinished.Count);
        metrics.Removed(report.Store, "wal_segment", report.RemovedSegments);
        if (report.Skipped is { } why)
        {
            LogSkipped(logger, report.Store, why);
        }
        else if (report.RemovedBackups.Count + report.RemovedUnfinished.Count + report.RemovedSegments > 0)
        {
            LogRemoved(logger, report.Store, string.Join(", ", report.RemovedBackups), report.RemovedUnfinished.Count, report.RemovedSegments, report.RemovedBytes);
        }
        foreach (var spared in report.Spared)
        {
            LogSpared(logger, report.Store, spared);
        }
    }

    [LoggerMessage(4230, LogLevel.Error, "Retention failed; it is tried again at its next turn.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(4231, LogLevel.Information, "Retention did nothing in store {Store}: {Why}.")]
    private static partial void LogSkipped(ILogger logger, string store, string why);

    [LoggerMessage(4232, LogLevel.Information, "Removed from store {Store}: backups {Backups}, {Unfinished} unfinished ones and {Segments} segments of WAL, {Bytes} bytes.")]
    private static partial void LogRemoved(ILogger logger, string store, string backups, int unfinished, int segments, long bytes);

    [LoggerMessage(4233, LogLevel.Warning, "Not removed from store {Store}: {What}")]
    private static partial void LogSpared(ILogger logger, string store, string what);
}
