using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Recovery;
using CardanoRwa.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Status;

/// <summary>All that an operator looks at first.</summary>
public sealed record OperatorOverview(
    DateTimeOffset At, RecoveryStatusView Recovery, IReadOnlyList<BackupView> Backups, IReadOnlyList<DrillSummary> Drills, IReadOnlyList<Job> Jobs, IReadOnlyList<QueueState> Queue,
    WalletState? Wallet, (SnapshotReport Report, TimeSpan Age)? Snapshots, IReadOnlyList<WebhookDelivery> DeadLetters, long DeadLetterCount, IReadOnlyList<Incident> Incidents);

/// <param name="State">Of the operations that are not over.</param>
/// <param name="Oldest">When the oldest of them was asked for.</param>
public sealed record QueueState(string State, long Count, DateTimeOffset Oldest);

/// <summary>Reads it, from the same tables that the Api's endpoints show.</summary>
public sealed class OperatorReader(RwaDbContext db, JobDesk jobs, IncidentDesk incidents, StatusReader status, TimeProvider clock)
{
    private const int MostRows = 10;
    private static readonly Guid LastId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    public async Task<OperatorOverview> ReadAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var recovery = await RecoveryReports.FindAsync<RecoveryReport>(db, RecoveryReports.Status, cancellationToken);
        var backups = await RecoveryReports.FindAsync<List<BackupView>>(db, RecoveryReports.Backups, cancellationToken);
        var snapshots = await RecoveryReports.FindAsync<SnapshotReport>(db, SnapshotReport.Name, cancellationToken);
        var dead = db.WebhookDeliveries.AsNoTracking().Where(d => d.Status == DeliveryStatus.Dead);
        return new OperatorOverview(
            now,
            recovery is var (report, at, age) ? RecoveryStatusView.Of(report, at, age) : RecoveryStatusView.None,
            [.. (backups?.Body ?? []).Take(MostRows)],
            [.. (await status.DrillsAsync(cancellationToken)).Take(MostRows)],
            await jobs.ListAsync(null, null, LastId, MostRows, cancellationToken),
            await QueueAsync(cancellationToken),
            await db.Wallet.AsNoTracking().SingleOrDefaultAsync(cancellationToken),
            snapshots is var (snapshot, _, old) ? (snapshot, old) : null,
            await dead.OrderByDescending(d => d.Id).Take(MostRows).ToListAsync(cancellationToken),
            await dead.LongCountAsync(cancellationToken),
            await incidents.ListCurrentAsync(now, MostRows * 5, cancellationToken));
    }

    private Task<List<QueueState>> QueueAsync(CancellationToken cancellationToken) => db.Database.SqlQuery<QueueState>($"""
        SELECT state, count(*) AS count, min(created_at) AS oldest FROM operations WHERE state NOT IN ('confirmed', 'failed') GROUP BY state ORDER BY state
        """).ToListAsync(cancellationToken);
}
