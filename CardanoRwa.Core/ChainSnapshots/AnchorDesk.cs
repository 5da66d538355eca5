using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.ChainSnapshots;

/// <summary>Takes roots in for the chain; the minting worker carries them there like its own transactions, each once.</summary>
public sealed class AnchorDesk(RwaDbContext db, RegistryTransaction transaction)
{
    private const string Actor = "system:snapshots";

    public Task<ChainAnchor> RequestAsync(string snapshotId, string root, long height, CancellationToken cancellationToken) => transaction.RunAsync(Actor, async (stamp, token) =>
    {
        if (await db.ChainAnchors.AsNoTracking().SingleOrDefaultAsync(a => a.SnapshotId == snapshotId, token) is { } asked)
        {
            return asked;
        }
        var anchor = new ChainAnchor { Id = stamp.EntityId, SnapshotId = snapshotId, Root = root, Height = height, RequestedAt = stamp.At };
        db.ChainAnchors.Add(anchor);
        return anchor;
    }, cancellationToken);

    /// <summary>The transactions of those that have one.</summary>
    public async Task<IReadOnlyDictionary<string, string>> TransactionsAsync(IReadOnlyCollection<string> snapshotIds, CancellationToken cancellationToken) =>
        await db.ChainAnchors.AsNoTracking().Where(a => snapshotIds.Contains(a.SnapshotId) && a.TransactionId != null).ToDictionaryAsync(a => a.SnapshotId, a => a.TransactionId!, cancellationToken);
}
