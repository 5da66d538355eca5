using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Recovery;

namespace CardanoRwa.Worker.ChainSnapshots;

/// <summary>Tells the operator page what the stores have.</summary>
internal static class SnapshotReports
{
    private const int Newest = 10;

    /// <param name="kept">Oldest first.</param>
    public static async Task PutAsync(IServiceProvider services, IReadOnlyList<SnapshotRecord> kept, CancellationToken cancellationToken)
    {
        var newest = kept.Reverse().Take(Newest).ToList();
        var anchors = await services.GetRequiredService<AnchorDesk>().TransactionsAsync([.. newest.Select(r => r.Id)], cancellationToken);
        var report = new SnapshotReport(kept.Count, [.. newest.Select(r => new SnapshotBrief(
            r.Id, r.Summary.Header.TakenAt, r.Summary.Header.Block.Height, r.Summary.Root, r.PinnedAs, r.PinFault, anchors.GetValueOrDefault(r.Id)))]);
        await RecoveryReports.PutAsync(services.GetRequiredService<RwaDbContext>(), SnapshotReport.Name, report, cancellationToken);
    }
}
