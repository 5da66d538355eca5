using System.Diagnostics.Metrics;
using CardanoRwa.Core.Data;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Continuous backup: once the schema is there and the role let in, the WAL receiver and the base backups run side by side until the end.</summary>
internal sealed partial class Archiving(
    StoreSet stores, IOptions<RecoveryOptions> recovery, IOptions<ArchivingOptions> archiving, IOptions<WalOptions> wal, SchemaState schema,
    BackupMetrics metrics, IMeterFactory meters, IConfiguration configuration, TimeProvider clock, ILoggerFactory loggers, ILogger<Archiving> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (stores.All.Count == 0)
        {
            LogNoStore(logger, StoresOptions.Section);
            return;
        }
        if ((await KeySettings.ReadAsync(recovery.Value, recoveryKey: null, needsRecipients: true, stoppingToken)).IsRefused(out var refusal, out var keys))
        {
            LogNoKey(logger, refusal.Detail, refusal.Hint);
            return;
        }
        if (stores.All.Count == 1)
        {
            LogOneStore(logger, stores.All[0].Name);
        }
        var ring = new KeyRing(stores.All, keys.Recipients, [], clock);
        var source = await ConnectionStringAsync(stoppingToken);
        await using var receiver = new WalReceiver(source, stores.All, ring, wal.Value, clock, loggers.CreateLogger<WalReceiver>());
        _ = new WalMetrics(meters, receiver.Report);
        var bases = new BaseSchedule(source, stores.All, ring, archiving.Value, recovery.Value, metrics, clock, loggers.CreateLogger<BaseSchedule>());
        receiver.OnGap += _ => bases.Want();
        await Task.WhenAll(receiver.RunAsync(stoppingToken), bases.RunAsync(() => receiver.Report.Snapshot().State is WalReceiverState.Streaming or WalReceiverState.StandingBy, stoppingToken));
    }

    /// <summary>What is configured, or the role of its own made with the application's rights; where those do not suffice, the application's.</summary>
    private async Task<string> ConnectionStringAsync(CancellationToken cancellationToken)
    {
        var application = configuration.GetConnectionString("rwadb") ?? throw new InvalidOperationException("There is no connection string 'rwadb'.");
        if (recovery.Value.Source is { Length: > 0 } given)
        {
            return given;
        }
        while (true)
        {
            try
            {
                // After the migrations: an empty registry is no backup worth having.
                if (await schema.CheckAsync(cancellationToken))
                {
                    var own = await BackupRole.EnsureAsync(application, cancellationToken);
                    if (own is null)
                    {
                        LogNoRole(logger, BackupRole.Name);
                    }
                    return own ?? application;
                }
            }
            catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or InvalidOperationException { InnerException: NpgsqlException })
            {
                LogWaiting(logger, e.GetBaseException().Message);
            }
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    [LoggerMessage(4200, LogLevel.Error, "Nothing is backed up: no store is configured under {Section}.")]
    private static partial void LogNoStore(ILogger logger, string section);

    [LoggerMessage(4201, LogLevel.Error, "Nothing is backed up: {Detail} {Hint}")]
    private static partial void LogNoKey(ILogger logger, string detail, string hint);

    [LoggerMessage(4202, LogLevel.Warning, "Backups go to one store only, {Store}; whoever deletes it deletes them all.")]
    private static partial void LogOneStore(ILogger logger, string store);

    [LoggerMessage(4203, LogLevel.Warning, "Role {Role} cannot be made with the application's rights; backups use the application's connection. The grants stand in docs/backups.md.")]
    private static partial void LogNoRole(ILogger logger, string role);

    [LoggerMessage(4204, LogLevel.Warning, "Backups wait for the database: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
