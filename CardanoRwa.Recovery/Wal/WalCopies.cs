using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Retention;

namespace CardanoRwa.Recovery.Wal;

/// <summary>Copies objects from store to store as they are, sealed: no key is needed.</summary>
internal sealed class WalCopies(IReadOnlyList<IObjectStore> stores, string systemId)
{
    /// <summary>Makes sure that a store can be restored from alone: the wrapped data key lies beside what it seals.</summary>
    public async Task EnsureKeyAsync(IObjectStore to, string dataKeyId, CancellationToken cancellationToken)
    {
        if (!await CopyMissingAsync(to, Layout.KeyObjects(dataKeyId), cancellationToken))
        {
            throw new StoreException(to.Name, $"no store has data key {dataKeyId}", isTransient: true);
        }
    }

    public async Task CopySegmentAsync(IObjectStore to, WalSegment segment, CancellationToken cancellationToken)
    {
        if (!await CopyMissingAsync(to, Layout.WalSegment(systemId, segment.Timeline, segment.Name), cancellationToken))
        {
            throw new StoreException(to.Name, $"{segment.Name} is in no other store to copy it from", isTransient: true);
        }
    }

    /// <summary>Everything of the cluster's WAL that another store has and this one lacks, as far as its coverage lacks it.</summary>
    /// <returns>How many objects were copied.</returns>
    public async Task<int> FillAsync(IObjectStore to, CancellationToken cancellationToken)
    {
        var own = await StoredWal.ReadAsync(to, systemId, cancellationToken);
        // What retention took from this store is not to come back from another that still has it.
        var bases = await new BaseInventory(to).ReadAsync(systemId, cancellationToken);
        var copied = 0;
        foreach (var from in stores.Where(s => s != to))
        {
            var other = await StoredWal.ReadAsync(from, systemId, cancellationToken);
            var unneeded = WalCutoff.Below(other, bases).Select(s => s.Segment).ToHashSet();
            foreach (var segment in other.Timelines.SelectMany(other.Segments).Where(s => !unneeded.Contains(s.Segment)))
            {
                var there = own.Find(segment.Segment);
                if (there?.IsWhole == true || (!segment.IsWhole && (there?.Cover() is { Count: > 0 } cover ? cover[^1].End : 0) >= (segment.Cover() is { Count: > 0 } best ? best[^1].End : 0)))
                {
                    continue;
                }
                copied += await CopyAsync(from, to, Layout.WalSegment(systemId, segment.Segment.Timeline, segment.Segment.Name), cancellationToken);
            }
            copied += await CopyAsync(from, to, Layout.Keys, cancellationToken);
            foreach (var history in other.Histories.Except(own.Histories))
            {
                copied += await CopyAsync(from, to, Layout.WalHistory(systemId, history), cancellationToken);
            }
        }
        return copied;
    }

    /// <returns>False when neither the store nor another one has anything under the prefix.</returns>
    private async Task<bool> CopyMissingAsync(IObjectStore to, string prefix, CancellationToken cancellationToken)
    {
        await foreach (var _ in to.ListAsync(prefix, cancellationToken))
        {
            return true;
        }
        foreach (var from in stores.Where(s => s != to))
        {
            if (await CopyAsync(from, to, prefix, cancellationToken) > 0)
            {
                return true;
            }
        }
        return false;
    }

    private static async Task<int> CopyAsync(IObjectStore from, IObjectStore to, string prefix, CancellationToken cancellationToken)
    {
        var copied = 0;
        await foreach (var found in from.ListAsync(prefix, cancellationToken))
        {
            if (await to.FindAsync(found.Key, cancellationToken) is not null)
            {
                continue;
            }
            await using var source = await from.OpenAsync(found.Key, 0, null, cancellationToken);
            if (source is null)
            {
                continue;
            }
            await using var upload = await to.CreateAsync(found.Key, cancellationToken);
            var buffer = new byte[256 * 1024];
            while (await source.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                await upload.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
            await upload.CompleteAsync(ifAbsent: true, cancellationToken);
            copied++;
        }
        return copied;
    }
}
