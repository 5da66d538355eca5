using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
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
                metrics.Failed();
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
        if (!_isWanted && clock.GetUtcNow() - newest < options.BaseInterval)
        {
            return;
        }
        _isWanted = false;
        await BackUpAsync(cancellationToken);
    }

    private async Task BackUpAsync(CancellationToken cancellationToken)
    {
        var progress = new RecoveryProgress(clock);
        var outcome = await new BaseBackup(stores, keys, clock).RunAsync(new BackupRequest(source) { Connections = recovery.Connections }, progress, cancellationToken);
        if (outcome.IsRefused(out var refusal, out var made))
        {
            metrics.Failed();
            LogRefused(logger, refusal.Code, refusal.Detail, refusal.Hint);
            return;
        }
        metrics.Made(made.Manifest.StoppedAt, progress.Elapsed, progress.StoredBytes);
        LogMade(logger, made.Manifest.Id, progress.Elapsed.TotalSeconds, progress.StoredBytes, string.Join(", ", made.Stores));
        foreach (var (store, cause) in made.FailedStores)
        {
            metrics.Failed();
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

    [LoggerMessage(4213, LogLevel.Error, "Base backup {Id} is not in store {Store}: {Cause}")]
    private static partial void LogMissing(ILogger logger, string id, string store, string cause);
}
