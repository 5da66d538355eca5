using CardanoRwa.Core.Data;
using CardanoRwa.Core.Recovery;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Status;

/// <summary>Asks the database for all that the status page tells.</summary>
public sealed class StatusReader(RwaDbContext db, IncidentDesk incidents, TimeProvider clock)
{
    private const int MostIncidents = 60;
    private const int MostDrills = 30;
    private const int MostBackups = 48;
    private static readonly TimeSpan Past = TimeSpan.FromDays(14);

    public async Task<StatusFacts> ReadAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var status = await RecoveryReports.FindAsync<RecoveryReport>(db, RecoveryReports.Status, cancellationToken);
        var backups = await RecoveryReports.FindAsync<List<BackupView>>(db, RecoveryReports.Backups, cancellationToken);
        var worker = await RecoveryReports.FindAsync<WorkerReport>(db, WorkerReport.Name, cancellationToken);
        return new StatusFacts(
            now,
            await incidents.ListCurrentAsync(now - Past, MostIncidents, cancellationToken),
            await RequestMinutes.DaysAsync(db, now - TimeSpan.FromDays(ServiceLevel.Window), cancellationToken),
            status is var (report, at, age) ? RecoveryStatusView.Of(report, at, age) : RecoveryStatusView.None,
            [.. (backups?.Body ?? []).Take(MostBackups)],
            await DrillsAsync(cancellationToken),
            worker is var (said, _, silence) ? (said, silence) : null,
            await db.Wallet.AsNoTracking().SingleOrDefaultAsync(cancellationToken),
            await db.Database.SqlQuery<PinFacts>($"""
                SELECT count(*) FILTER (WHERE status = 'pinned') AS pinned, count(*) FILTER (WHERE status = 'pending' AND attempts > 1) AS waiting, count(*) FILTER (WHERE status = 'failed') AS failed FROM evidence_pins
                """).SingleAsync(cancellationToken));
    }

    /// <summary>Newest first.</summary>
    public Task<List<DrillSummary>> DrillsAsync(CancellationToken cancellationToken) => db.Database.SqlQuery<DrillSummary>($"""
        SELECT started_at AS at, report->>'kind' AS kind, (report->>'passed')::boolean AS passed, (report->>'rtoSeconds')::float8 AS rto_seconds, (report->>'rtoTargetSeconds')::float8 AS rto_target_seconds,
               (report->>'rpoSeconds')::float8 AS rpo_seconds, (report->>'rpoTargetSeconds')::float8 AS rpo_target_seconds
        FROM drill_reports ORDER BY started_at DESC LIMIT {MostDrills}
        """).ToListAsync(cancellationToken);
}
