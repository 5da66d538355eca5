using System.Text.Json;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Restored;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Drills;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Storage;
using CardanoRwa.Worker.Recovery;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Worker.Drills;

/// <summary>Counts the database every hour, and drills when the stores' newest reports are too old, one worker at a time.</summary>
internal sealed partial class DrillSchedule(
    StoreSet stores, DrillRunner runner, IOptions<RecoveryOptions> recovery, IOptions<DrillOptions> options, DrillMetrics metrics, SchemaState schema,
    IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider clock, ILogger<DrillSchedule> logger) : BackgroundService
{
    // Any constant will do; it spells 'rwa-dri'.
    private const long LockKey = 0x72_77_61_2d_64_72_69;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryFailed = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (stores.ForBackups.Count == 0 || (await KeySettings.ReadAsync(recovery.Value, recoveryKey: null, needsRecipients: true, stoppingToken)).IsRefused(out _, out var keys))
        {
            return; // archiving says so
        }
        if (keys.Identities.Count == 0)
        {
            LogNoIdentity(logger);
        }
        var ring = new KeyRing(stores.ForBackups, keys.Recipients, keys.Identities, clock);
        while (true)
        {
            try
            {
                if (await schema.CheckAsync(stoppingToken))
                {
                    await TurnAsync(ring, stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && e is NpgsqlException or RetryLimitExceededException or StoreException or DamagedObjectException or IOException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e);
            }
            await Task.Delay(Turn, clock, stoppingToken);
        }
    }

    private async Task TurnAsync(KeyRing ring, CancellationToken cancellationToken)
    {
        var source = configuration.GetConnectionString("rwadb")!;
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(source) { Pooling = false, KeepAlive = 5 }.ConnectionString);
        await session.OpenAsync(cancellationToken);
        if (!await AskAsync<bool>(session, $"SELECT pg_try_advisory_lock({LockKey})", cancellationToken))
        {
            return;
        }
        var system = await AskAsync<string>(session, "SELECT system_identifier::text FROM pg_control_system()", cancellationToken);
        if ((await new BackupCatalogue(stores.ForBackups).ListAsync(system, cancellationToken)).Backups.Count == 0)
        {
            return;
        }
        await CountAsync(ring, system, source, cancellationToken);
        var reports = await new DrillReports(stores.ForBackups, ring).ListAsync(system, cancellationToken);
        await CopyAsync(reports, cancellationToken);
        if (reports.LastOrDefault(r => r.Passed) is { } good)
        {
            metrics.Found(good);
        }
        if (ring.CanOpen && Due(reports, clock.GetUtcNow(), options.Value) is { } kind)
        {
            await runner.RunAsync(new DrillRequest(kind, new RecoveryProgress(clock)) { RequestedBy = "schedule", SystemId = system, Source = source }, null, cancellationToken);
        }
    }

    /// <summary>Those who have no store read them in the database; after a restore its are older than the stores'.</summary>
    private async Task CopyAsync(IReadOnlyList<DrillReport> reports, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var history = scope.ServiceProvider.GetRequiredService<DrillHistory>();
        var known = await history.IdsAsync(cancellationToken);
        foreach (var report in reports.Where(r => !known.Contains(r.Id)))
        {
            await history.PutAsync(report.Id, report.StartedAt, JsonSerializer.Serialize(report, RecoveryJson.Compact), cancellationToken);
        }
    }

    /// <summary>A full drill is a restore test as well; one that failed is repeated after a day.</summary>
    internal static DrillKind? Due(IReadOnlyList<DrillReport> reports, DateTimeOffset now, DrillOptions options)
    {
        return IsDue(reports.LastOrDefault(r => r.Kind == DrillKind.Full), options.FullInterval) ? DrillKind.Full
            : IsDue(reports.Count > 0 ? reports[^1] : null, options.RestoreTestInterval) ? DrillKind.RestoreTest
            : null;

        bool IsDue(DrillReport? last, TimeSpan interval) => last is null || now - last.StartedAt >= (last.Passed || interval < RetryFailed ? interval : RetryFailed);
    }

    private async Task CountAsync(KeyRing ring, string system, string source, CancellationToken cancellationToken)
    {
        var counts = await TallyStore.ListAsync(stores.ForBackups[0], system, cancellationToken);
        if (counts.Count > 0 && await stores.ForBackups[0].FindAsync(counts[^1], cancellationToken) is { } there && clock.GetUtcNow() - there.ModifiedAt < options.Value.TallyInterval)
        {
            return;
        }
        if ((await new TallyTaker(source, clock).RunAsync(cancellationToken)).IsRefused(out var refusal, out var tally))
        {
            LogNotCounted(logger, refusal.Detail, refusal.Hint);
            return;
        }
        foreach (var (store, cause) in await new TallyStore(stores.ForBackups, ring).WriteAsync(tally, cancellationToken))
        {
            LogNotStored(logger, tally.Name, store, cause);
        }
    }

    private static async Task<T> AskAsync<T>(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(5030, LogLevel.Warning, "This worker has no private key (Recovery:IdentityFile), so it counts the database and drills nothing; some worker must.")]
    private static partial void LogNoIdentity(ILogger logger);

    [LoggerMessage(5031, LogLevel.Error, "The turn of the drills failed; it is tried again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(5032, LogLevel.Warning, "The database was not counted: {Detail} {Hint}")]
    private static partial void LogNotCounted(ILogger logger, string detail, string hint);

    [LoggerMessage(5033, LogLevel.Error, "Count {Tally} is not in store {Store}: {Cause}")]
    private static partial void LogNotStored(ILogger logger, string tally, string store, string cause);
}
