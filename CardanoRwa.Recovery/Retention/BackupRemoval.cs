using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Retention;

/// <summary>Removes backups and WAL from one store, asking before each whether it still may. What the store refuses is noted, not tried again.</summary>
internal sealed class BackupRemoval(IObjectStore store, string systemId, RetentionTurn turn, TimeProvider clock)
{
    public List<string> Backups { get; } = [];
    public List<string> Unfinished { get; } = [];
    public List<string> Spared { get; } = [];
    public long Bytes { get; private set; }

    public async Task RemoveAsync(BackupManifest backup, CancellationToken cancellationToken)
    {
        if (await TryAsync(backup.Id, () => RemoveManifestAsync(backup.Id, cancellationToken)))
        {
            // No longer listed: what remains is refuse, and the next turn takes it where this one fails.
            await TryAsync(backup.Id, () => RemoveFolderAsync(backup.Id, cancellationToken));
            Backups.Add(backup.Id);
            Bytes += backup.StoredBytes;
        }
    }

    public async Task RemoveUnfinishedAsync(string backupId, CancellationToken cancellationToken)
    {
        // One that was finished just now has a manifest.
        if (await turn.IsMineAsync(cancellationToken) && await store.FindAsync(Layout.Manifest(systemId, backupId), cancellationToken) is null
            && await TryAsync(backupId, () => RemoveFolderAsync(backupId, cancellationToken)))
        {
            Unfinished.Add(backupId);
        }
    }

    public async Task<int> RemoveWalAsync(IEnumerable<StoredSegment> segments, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var segment in segments.ToList())
        {
            if (!await turn.IsMineAsync(cancellationToken))
            {
                Spared.Add($"WAL from {segment.Segment.Name} on: another worker has taken over");
                break;
            }
            if (!await TryAsync(segment.Segment.Name, () => RemovePrefixAsync(Layout.WalSegment(systemId, segment.Segment.Timeline, segment.Segment.Name), cancellationToken)))
            {
                // It would say the same of each of the thousands.
                break;
            }
            removed++;
            Bytes += segment.StoredBytes;
        }
        return removed;
    }

    private async Task<bool> RemoveManifestAsync(string backupId, CancellationToken cancellationToken)
    {
        var mark = RetentionLayout.Condemned(systemId, backupId);
        if (await store.FindAsync(mark, cancellationToken) is { } left && turn.StoreTime - left.ModifiedAt < Condemnation.AskAgainAfter)
        {
            Spared.Add($"{backupId}: it could not be removed at {left.ModifiedAt:u}; it is tried again a day after");
            return false;
        }
        var began = clock.GetTimestamp();
        await Condemnation.MarkAsync(store, systemId, backupId, cancellationToken);
        var now = (await store.FindAsync(mark, cancellationToken))?.ModifiedAt;
        var isHeld = now is null || (await Holds.ReadAsync(store, systemId, now.Value, remove: false, cancellationToken)).Contains(backupId);
        if (isHeld || !await turn.IsMineAsync(cancellationToken) || clock.GetElapsedTime(began) > Condemnation.Counts)
        {
            await Condemnation.LiftAsync(store, systemId, backupId, cancellationToken);
            Spared.Add($"{backupId}: {(isHeld ? "it is being read" : "another worker has taken over")}");
            return false;
        }
        await store.DeleteAsync(Layout.Manifest(systemId, backupId), cancellationToken);
        return true;
    }

    private Task<bool> RemoveFolderAsync(string backupId, CancellationToken cancellationToken) => RemovePrefixAsync(Layout.Base(systemId, backupId), cancellationToken);

    private async Task<bool> RemovePrefixAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var found in store.ListAsync(prefix, cancellationToken))
        {
            names.Add(found.Key);
        }
        foreach (var name in names)
        {
            await store.DeleteAsync(name, cancellationToken);
        }
        return true;
    }

    /// <summary>A lock on objects is a refusal like any: it is reported, and looked at again at a later turn.</summary>
    private async Task<bool> TryAsync(string what, Func<Task<bool>> remove)
    {
        try
        {
            return await remove();
        }
        catch (StoreException e) when (!e.IsTransient)
        {
            Spared.Add($"{what}: {e.Message}");
            return false;
        }
    }
}
