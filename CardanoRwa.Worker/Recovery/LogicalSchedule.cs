using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Logical;
using CardanoRwa.Storage;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Dumps the database whenever the newest dump in the stores is too old, and lets go of those that are past their time.</summary>
internal sealed partial class LogicalSchedule(
    string source, IReadOnlyList<IObjectStore> stores, KeyRing keys, ArchivingOptions options, RecoveryOptions recovery, BackupMetrics metrics, TimeProvider clock, ILogger<LogicalSchedule> logger)
{
    // Any constant will do; it spells 'rwa-log'.
    private const long LockKey = 0x72_77_61_2d_6c_6f_67;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await TurnAsync(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is NpgsqlException or StoreException or DamagedObjectException or IOException or TimeoutException or InvalidOperationException)
            {
                metrics.Failed(BackupFailure.Interrupted);
                LogFailed(logger, e);
            }
            await Task.Delay(Turn, clock, cancellationToken);
        }
    }

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(source) { Pooling = false, KeepAlive = 5 }.ConnectionString);
        await session.OpenAsync(cancellationToken);
        await using var lockOne = new NpgsqlCommand($"SELECT pg_try_advisory_lock({LockKey})", session);
        if (await lockOne.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return;
        }
        await using var ask = new NpgsqlCommand("SELECT system_identifier::text FROM pg_control_system()", session);
        var system = (string)(await ask.ExecuteScalarAsync(cancellationToken))!;
        var dumps = (await new BackupCatalogue(stores).ListAsync(system, cancellationToken)).Logical.Where(d => d.Manifest.Logical!.Database == session.Database).ToList();
        if (dumps is [.., var newest])
        {
            metrics.Found(newest.Manifest.StoppedAt);
            if (clock.GetUtcNow() - newest.Manifest.StoppedAt < options.BaseInterval)
            {
                return;
            }
        }
        if (await BackUpAsync(cancellationToken))
        {
            await ExpireAsync(dumps, cancellationToken);
        }
    }

    private async Task<bool> BackUpAsync(CancellationToken cancellationToken)
    {
        var progress = new RecoveryProgress(clock);
        if ((await new LogicalBackup(stores, keys, clock).RunAsync(recovery.LogicalRequest(source), progress, cancellationToken)).IsRefused(out var refusal, out var made))
        {
            metrics.Failed(BackupFailure.Refused);
            LogRefused(logger, refusal.Code, refusal.Detail, refusal.Hint);
            return false;
        }
        metrics.Made(made.Manifest.StoppedAt, progress.Elapsed, progress.StoredBytes);
        LogMade(logger, made.Manifest.Id, made.Manifest.Logical!.Database, progress.Elapsed.TotalSeconds, progress.StoredBytes, string.Join(", ", made.Stores));
        foreach (var (store, cause) in made.FailedStores)
        {
            metrics.Failed(BackupFailure.Store);
            LogMissing(logger, made.Manifest.Id, store, cause);
        }
        // One that not every store has replaces no older one.
        return made.FailedStores.Count == 0;
    }

    private async Task ExpireAsync(List<CatalogueEntry> before, CancellationToken cancellationToken)
    {
        var limit = clock.GetUtcNow().AddDays(-recovery.Logical.KeepDays);
        foreach (var dump in before.Where(d => d.Manifest.StoppedAt < limit))
        {
            if ((await new BackupCatalogue(stores).DeleteAsync(dump, cancellationToken)).IsRefused(out var refusal, out _))
            {
                LogRefused(logger, refusal.Code, refusal.Detail, refusal.Hint);
                continue;
            }
            LogExpired(logger, dump.Manifest.Id);
        }
    }

    [LoggerMessage(4220, LogLevel.Information, "Dump {Id} of {Database} took {Seconds:0.0} s and {Bytes} bytes, in {Stores}.")]
    private static partial void LogMade(ILogger logger, string id, string database, double seconds, long bytes, string stores);

    [LoggerMessage(4221, LogLevel.Error, "{Code}: {Detail} {Hint}")]
    private static partial void LogRefused(ILogger logger, string code, string detail, string hint);

    [LoggerMessage(4222, LogLevel.Error, "No dump was made; it is tried again at the next turn.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(4223, LogLevel.Error, "Dump {Id} is not in store {Store}: {Cause}")]
    private static partial void LogMissing(ILogger logger, string id, string store, string cause);

    [LoggerMessage(4224, LogLevel.Information, "Dump {Id} was past its time and is removed.")]
    private static partial void LogExpired(ILogger logger, string id);
}
