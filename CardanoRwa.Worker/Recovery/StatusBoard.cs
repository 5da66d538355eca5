using System.Text.Json;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Recovery;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Recovery.Wal;
using CardanoRwa.Storage;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Writes into the database, for the Api, how backups stand: the Api has no credentials of stores and never waits for one.</summary>
internal sealed partial class StatusBoard(
    WalReport report, IReadOnlyList<StoreWatch> watches, IReadOnlyList<string> warnings, WalOptions wal, ArchivingOptions archiving, IServiceScopeFactory scopes, TimeProvider clock, ILogger<StatusBoard> logger)
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);
    private bool _isFailing;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var snapshot = report.Snapshot();
                // Whoever receives reports; the others see less than it does.
                if (snapshot.State is WalReceiverState.Streaming or WalReceiverState.Interrupted)
                {
                    await PublishAsync(snapshot, cancellationToken);
                }
                _isFailing = false;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // The database is away: then nobody can read it either, and the age of the last report tells.
                if (!_isFailing)
                {
                    LogFailed(logger, e);
                }
                _isFailing = true;
            }
            await Task.Delay(Turn, clock, cancellationToken);
        }
    }

    private async Task PublishAsync(WalReceiverSnapshot snapshot, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        var sync = await db.Database.SqlQuery<string>($"SELECT coalesce((SELECT sync_state FROM pg_stat_replication WHERE application_name = {wal.ApplicationName} LIMIT 1), 'none') AS \"Value\"").ToListAsync(cancellationToken);
        await RecoveryReports.PutAsync(db, RecoveryReports.Status, Status(snapshot, sync[0] is "sync" or "quorum"), cancellationToken);
        await RecoveryReports.PutAsync(db, RecoveryReports.Backups, Backups(watches.Select(w => (w.Store, w.Sight.Bases))), cancellationToken);
    }

    /// <summary>Lists what the stores hold just now, also where nothing is archived and no board runs.</summary>
    public static async Task ListAsync(RwaDbContext db, IEnumerable<IObjectStore> stores, string systemId, CancellationToken cancellationToken)
    {
        var found = new List<(string, StoreBases?)>();
        foreach (var store in stores)
        {
            try
            {
                found.Add((store.Name, await new BaseInventory(store).ReadAsync(systemId, cancellationToken)));
            }
            catch (StoreException)
            {
                // What it holds is not known now; whoever asks is told of the others, or of what was known before.
            }
        }
        if (found.Count > 0)
        {
            await RecoveryReports.PutAsync(db, RecoveryReports.Backups, Backups(found), cancellationToken);
        }
    }

    private RecoveryReport Status(WalReceiverSnapshot snapshot, bool isSynchronous)
    {
        var stores = watches.Select(w => Of(w, snapshot)).ToList();
        var newest = watches.SelectMany(w => w.Sight.Bases?.Backups ?? []).MaxBy(b => b.Manifest.StopLsn)?.Manifest;
        var found = new List<string>(warnings);
        found.AddRange(stores.Where(s => s.Fault is not null || s.WalFault is not null).Select(s => $"store_failing:{s.Store}"));
        found.AddRange(stores.Where(s => s.Gap is not null).Select(s => $"wal_missing:{s.Store}"));
        found.AddRange(stores.Where(s => s.LastBackupAt is { } at && clock.GetUtcNow() - at > archiving.BaseInterval * 2).Select(s => $"backup_old:{s.Store}"));
        if (snapshot.IsSlotInDanger)
        {
            found.Add("slot_in_danger");
        }
        if (snapshot.SlotLimitBytes is null)
        {
            found.Add("slot_unlimited");
        }
        if (snapshot.Gaps.Count > 0)
        {
            found.Add("wal_gap");
        }
        return new RecoveryReport(
            snapshot.SystemId, $"{Environment.MachineName}/{Environment.ProcessId}", JsonNamingPolicy.SnakeCaseLower.ConvertName(snapshot.State.ToString()), snapshot.Fault, isSynchronous,
            new SlotStatus(wal.Slot, snapshot.SlotRetainedBytes, snapshot.SlotLimitBytes, snapshot.IsSlotInDanger), newest?.Id, newest?.StoppedAt, stores, found);
    }

    private static StoreStatus Of(StoreWatch watch, WalReceiverSnapshot snapshot)
    {
        var (sight, lane) = (watch.Sight, snapshot.Stores.FirstOrDefault(s => s.Store == watch.Store));
        var last = sight.Bases?.Backups.LastOrDefault(b => b.Manifest.State == BackupState.Good && sight.Bases.Chain(b) is not null);
        // The newest timeline counts; on it the stretch that reaches to its end.
        var newest = sight.Windows.Where(w => w.Timeline == sight.Windows.Max(x => x.Timeline)).ToList();
        var window = newest.MaxBy(w => w.To);
        var until = lane?.RestorableTo is { } live && (window is null || (window.Gap is null && live > window.ToAt)) ? live : window?.ToAt;
        return new StoreStatus(
            watch.Store, sight.SeenAt, sight.Fault, lane?.Fault, window?.FromAt, window is null ? null : until, newest.Find(w => w.Gap is not null)?.Gap, last?.Manifest.StoppedAt,
            sight.Bases?.Backups.Max(b => b.VerifiedAt), sight.Bases?.Backups.Count ?? 0, lane?.Lag.TotalSeconds, lane?.LagBytes);
    }

    private static List<BackupView> Backups(IEnumerable<(string Store, StoreBases? Bases)> sights) =>
        [.. sights.SelectMany(s => (s.Bases?.Backups ?? []).Select(b => (s.Store, Base: b)))
            .GroupBy(b => b.Base.Manifest.Id).OrderByDescending(g => g.First().Base.Manifest.StopLsn).ThenByDescending(g => g.Key, StringComparer.Ordinal)
            .Select(g => Of(g.First().Base.Manifest, [.. g.Select(b => new BackupCopy(b.Store, b.Base.VerifiedAt))]))];

    private static BackupView Of(BackupManifest m, IReadOnlyList<BackupCopy> stores) => new(
        m.Id, m.SystemId, m.Kind.ToString().ToLowerInvariant(), m.State.ToString().ToLowerInvariant(), m.ParentId, m.Timeline, m.StartLsn.ToString(), m.StopLsn.ToString(), m.StartedAt, m.StoppedAt,
        m.FileBytes, m.StoredBytes, m.Server.Version, m.DamagedPages.Count, stores);

    [LoggerMessage(4241, LogLevel.Warning, "How backups stand cannot be reported to the database now.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
