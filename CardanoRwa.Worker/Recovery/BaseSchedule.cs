using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Storage;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Makes a base backup whenever the newest in the stores is too old, so that time lost while no worker ran is made up for at once.</summary>
internal sealed partial class BaseSchedule(
    string source, IReadOnlyList<IObjectStore> stores, KeyRing keys, ArchivingOptions options, RecoveryOptions recovery, BackupMetrics metrics, TimeProvider clock, ILogger<BaseSchedule> logger)
{
    // Any constant will do; it spells 'rwa-bas'.
    private const long LockKey = 0x72_77_61_2d_62_61_73;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);
    private readonly Dictionary<IObjectStore, BaseInventory> _inventories = stores.ToDictionary(s => s, s => new BaseInventory(s));
    private readonly Dictionary<string, long> _damagedAt = new(StringComparer.Ordinal);
    private volatile bool _isWanted;

    /// <summary>Asks for one as soon as possible: WAL is lost, or an operator wants it.</summary>
    public void Want() => _isWanted = true;

    /// <param name="isWalSafe">Whether some worker receives WAL: its slot comes before the first base.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task RunAsync(Func<bool> isWalSafe, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (isWalSafe())
                {
                    await TurnAsync(cancellationToken);
                }
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
        if (!await AskAsync<bool>(session, $"SELECT pg_try_advisory_lock({LockKey})", cancellationToken))
        {
            return;
        }
        var system = await AskAsync<string>(session, "SELECT system_identifier::text FROM pg_control_system()", cancellationToken);
        var listing = await new BackupCatalogue(stores).ListAsync(system, cancellationToken);
        var newest = listing.Backups is [.., var last] ? last.Manifest.StoppedAt : (DateTimeOffset?)null;
        if (newest is { } at)
        {
            metrics.Found(at);
        }
        if (_isWanted || !(clock.GetUtcNow() - newest < options.BaseInterval))
        {
            _isWanted = false;
            await BackUpAsync(cancellationToken);
        }
        if (options.VerifyAfterWrite)
        {
            await ProveAsync(system, cancellationToken);
        }
    }

    /// <summary>Reads the newest backup of each store back, and what it stands on, unless that was done; what a killed worker left undone is made up for.</summary>
    private async Task ProveAsync(string system, CancellationToken cancellationToken)
    {
        foreach (var store in stores)
        {
            try
            {
                var bases = await _inventories[store].ReadAsync(system, cancellationToken);
                if (bases.Backups is [.., var newest] && bases.Chain(newest)?.LastOrDefault(b => b.VerifiedAt is null) is { } unproven && !IsKnownDamaged(store, unproven.Manifest.Id))
                {
                    await ProveAsync(store, unproven.Manifest, cancellationToken);
                }
            }
            catch (StoreException e)
            {
                LogUnproven(logger, e, store.Name);
            }
        }
    }

    private async Task ProveAsync(IObjectStore store, BackupManifest manifest, CancellationToken cancellationToken)
    {
        var entry = new CatalogueEntry(manifest, [store]);
        if ((await new BackupVerification(keys, clock).RunAsync(entry, [store], new RecoveryProgress(clock), cancellationToken)).IsRefused(out var refusal, out var reports))
        {
            LogRefused(logger, refusal.Code, refusal.Detail, refusal.Hint);
            return;
        }
        await Proofs.WriteAsync(entry, reports, [store], clock, cancellationToken);
        if (reports[0].Faults.Count > 0)
        {
            _damagedAt[$"{store.Name}/{manifest.Id}"] = clock.GetTimestamp();
            metrics.Failed(BackupFailure.Verify);
            LogDamaged(logger, manifest.Id, store.Name, string.Join("; ", reports[0].Faults.Take(5)));
            Want();
        }
    }

    private bool IsKnownDamaged(IObjectStore store, string backupId) =>
        _damagedAt.TryGetValue($"{store.Name}/{backupId}", out var at) && clock.GetElapsedTime(at) < TimeSpan.FromHours(1);

    private async Task BackUpAsync(CancellationToken cancellationToken)
    {
        var progress = new RecoveryProgress(clock);
        var outcome = await new BaseBackup(stores, keys, clock).RunAsync(recovery.BaseRequest(source), progress, cancellationToken);
        if (outcome.IsRefused(out var refusal, out var made))
        {
            metrics.Failed(BackupFailure.Refused);
            LogRefused(logger, refusal.Code, refusal.Detail, refusal.Hint);
            return;
        }
        metrics.Made(made.Manifest.StoppedAt, progress.Elapsed, progress.StoredBytes);
        LogMade(logger, made.Manifest.Id, progress.Elapsed.TotalSeconds, progress.StoredBytes, string.Join(", ", made.Stores));
        foreach (var (store, cause) in made.FailedStores)
        {
            metrics.Failed(BackupFailure.Store);
            LogMissing(logger, made.Manifest.Id, store, cause);
        }
    }

    private static async Task<T> AskAsync<T>(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(4210, LogLevel.Information, "Base backup {Id} took {Seconds:0.0} s and {Bytes} bytes, in {Stores}.")]
    private static partial void LogMade(ILogger logger, string id, double seconds, long bytes, string stores);

    [LoggerMessage(4211, LogLevel.Error, "No base backup was made: {Code}: {Detail} {Hint}")]
    private static partial void LogRefused(ILogger logger, string code, string detail, string hint);

    [LoggerMessage(4212, LogLevel.Error, "No base backup was made; it is tried again at the next turn.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(4214, LogLevel.Warning, "Backups in store {Store} cannot be read back now.")]
    private static partial void LogUnproven(ILogger logger, Exception exception, string store);

    [LoggerMessage(4215, LogLevel.Error, "Base backup {Id} in store {Store} is not what was written: {Faults}. Another is made.")]
    private static partial void LogDamaged(ILogger logger, string id, string store, string faults);

    [LoggerMessage(4213, LogLevel.Error, "Base backup {Id} is not in store {Store}: {Cause}")]
    private static partial void LogMissing(ILogger logger, string id, string store, string cause);
}
