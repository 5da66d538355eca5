using System.Diagnostics.Metrics;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Continuous backup: once the schema is there and the role let in, the WAL receiver, the base backups, retention and the report on them run side by side until the end.</summary>
internal sealed partial class Archiving(
    StoreSet stores, IOptions<RecoveryOptions> recovery, IOptions<ArchivingOptions> archiving, IOptions<RetentionOptions> retention, IOptions<WalOptions> wal, BackupSource source,
    BackupMetrics metrics, IMeterFactory meters, IServiceScopeFactory scopes, IHostEnvironment environment, IHostApplicationLifetime lifetime, TimeProvider clock, ILoggerFactory loggers, ILogger<Archiving> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var least = archiving.Value.LeastStores ?? (environment.IsProduction() ? 2 : 0);
        if (stores.ForBackups.Count < least)
        {
            LogTooFewStores(logger, stores.ForBackups.Count, least, StoresOptions.Section);
            Environment.ExitCode = 78; // EX_CONFIG
            lifetime.StopApplication();
            return;
        }
        if (stores.ForBackups.Count == 0)
        {
            LogNoStore(logger, StoresOptions.Section);
            return;
        }
        if ((await KeySettings.ReadAsync(recovery.Value, recoveryKey: null, needsRecipients: true, stoppingToken)).IsRefused(out var refusal, out var keys))
        {
            LogNoKey(logger, refusal.Detail, refusal.Hint);
            return;
        }
        var warnings = new List<string>();
        if (stores.ForBackups.Count == 1)
        {
            LogOneStore(logger, stores.ForBackups[0].Name);
            warnings.Add("one_store");
        }
        if (keys.Recipients.Count == 1)
        {
            LogOneRecipient(logger, keys.Recipients[0].Id);
            warnings.Add("one_recipient");
        }
        var ring = new KeyRing(stores.ForBackups, keys.Recipients, [], clock);
        if (recovery.Value.Mode == RecoveryMode.Logical)
        {
            await new LogicalSchedule(source.Configured, stores.ForBackups, ring, archiving.Value, recovery.Value, metrics, clock, loggers.CreateLogger<LogicalSchedule>()).RunAsync(stoppingToken);
            return;
        }
        var connection = await source.GetAsync(stoppingToken);
        await using var receiver = new WalReceiver(connection, stores.ForBackups, ring, wal.Value, clock, loggers.CreateLogger<WalReceiver>());
        _ = new WalMetrics(meters, receiver.Report);
        var bases = new BaseSchedule(connection, stores.ForBackups, ring, archiving.Value, recovery.Value, metrics, clock, loggers.CreateLogger<BaseSchedule>());
        receiver.OnGap += _ => bases.Want();
        var removal = new RetentionSchedule(connection, stores.ForBackups, retention.Value, metrics, clock, loggers.CreateLogger<RetentionSchedule>());
        var watches = stores.ForBackups.Select(s => new StoreWatch(s, metrics, clock, loggers.CreateLogger<StoreWatch>())).ToList();
        var board = new StatusBoard(receiver.Report, watches, warnings, wal.Value, archiving.Value, scopes, clock, loggers.CreateLogger<StatusBoard>());
        await Task.WhenAll([
            receiver.RunAsync(stoppingToken),
            bases.RunAsync(() => receiver.Report.Snapshot().State is WalReceiverState.Streaming or WalReceiverState.StandingBy, stoppingToken),
            removal.RunAsync(() => receiver.Report.Snapshot().SystemId, stoppingToken),
            board.RunAsync(stoppingToken),
            .. watches.Select(w => w.RunAsync(() => receiver.Report.Snapshot().SystemId, stoppingToken)),
        ]);
    }

    [LoggerMessage(4206, LogLevel.Critical, "Backups would go to {Stores} stores, and {Least} are the least: what makes one useless must not reach the other. Name them under {Section}, or set Recovery:Archiving:LeastStores. Stopping.")]
    private static partial void LogTooFewStores(ILogger logger, int stores, int least, string section);

    [LoggerMessage(4200, LogLevel.Error, "Nothing is backed up: no store is configured under {Section}.")]
    private static partial void LogNoStore(ILogger logger, string section);

    [LoggerMessage(4201, LogLevel.Error, "Nothing is backed up: {Detail} {Hint}")]
    private static partial void LogNoKey(ILogger logger, string detail, string hint);

    [LoggerMessage(4202, LogLevel.Warning, "Backups go to one store only, {Store}; whoever deletes it deletes them all.")]
    private static partial void LogOneStore(ILogger logger, string store);

    [LoggerMessage(4205, LogLevel.Warning, "Backups are sealed for one recipient only, {Recipient}; whoever loses its key loses them all. Make a second with 'keys new'.")]
    private static partial void LogOneRecipient(ILogger logger, string recipient);
}
