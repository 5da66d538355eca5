using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Wal;

/// <summary>Whether a store's WAL is without a hole from its oldest base backup to its end.</summary>
/// <param name="Store">The store.</param>
/// <param name="Timelines">What it has of each.</param>
/// <param name="Holes">What is missing in between, by position; nothing can be replayed across one. Also a mark that cannot be read.</param>
/// <param name="RestorableTo">Commits acknowledged until then are in it.</param>
/// <param name="Fault">Why it could not be looked at.</param>
public sealed record WalStoreAudit(string Store, IReadOnlyList<WalTimelineAudit> Timelines, IReadOnlyList<string> Holes, DateTimeOffset? RestorableTo, string? Fault);

/// <param name="Segments">Segments there, whole or in parts.</param>
/// <param name="InParts">Those in parts.</param>
/// <param name="Bytes">Bytes in the store.</param>
public sealed record WalTimelineAudit(uint Timeline, Lsn From, Lsn End, int Segments, int InParts, long Bytes);

/// <summary>Reads names and manifests only, so it needs neither a key nor the database.</summary>
public static class WalAudit
{
    public static async Task<IReadOnlyList<WalStoreAudit>> RunAsync(IReadOnlyList<IObjectStore> stores, string systemId, CancellationToken cancellationToken)
    {
        var audits = new List<WalStoreAudit>();
        foreach (var store in stores)
        {
            try
            {
                var bases = await new BackupCatalogue([store]).ListAsync(systemId, cancellationToken);
                audits.Add(await LookAsync(store, systemId, [.. bases.Backups.Select(b => b.Manifest)], cancellationToken));
            }
            catch (StoreException e)
            {
                audits.Add(new WalStoreAudit(store.Name, [], [], null, e.Message));
            }
        }
        return audits;
    }

    /// <summary>The clusters that have something in a store.</summary>
    public static async Task<IReadOnlyList<string>> SystemsAsync(IReadOnlyList<IObjectStore> stores, CancellationToken cancellationToken)
    {
        var systems = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var store in stores)
        {
            await foreach (var found in store.ListAsync("", cancellationToken))
            {
                if (found.Key.Split('/') is [var system, "wal" or "base", ..])
                {
                    systems.Add(system);
                }
            }
        }
        return [.. systems];
    }

    private static async Task<WalStoreAudit> LookAsync(IObjectStore store, string systemId, List<BackupManifest> bases, CancellationToken cancellationToken)
    {
        var stored = await StoredWal.ReadAsync(store, systemId, cancellationToken);
        var (timelines, holes) = (new List<WalTimelineAudit>(), new List<string>());
        if (stored.MarkFault is { } damaged)
        {
            holes.Add(damaged);
        }
        foreach (var timeline in stored.Timelines)
        {
            var ranges = stored.Ranges(timeline);
            // A base backup carries its own WAL to the end of the segment it ended in.
            var oldest = bases.Where(b => b.Timeline == timeline).Select(b => (Lsn?)WalSegment.Of(timeline, new Lsn((ulong)b.StopLsn - 1), stored.SegmentSize).End).Min();
            var from = oldest ?? ranges[0].Start;
            var at = from;
            foreach (var range in ranges.Where(r => r.End > from))
            {
                if (range.Start > at)
                {
                    holes.Add(new WalGap(timeline, at, range.Start, default).ToString());
                }
                at = range.End;
            }
            if (await store.GetAsync(Layout.WalHistory(systemId, timeline), cancellationToken) is { } history)
            {
                holes.AddRange(UnfinishedBefore(stored, TimelineHistory.Parse(history)));
            }
            var segments = stored.Segments(timeline).ToList();
            timelines.Add(new WalTimelineAudit(timeline, ranges[0].Start, ranges[^1].End, segments.Count, segments.Count(s => !s.IsWhole), segments.Sum(s => s.StoredBytes)));
        }
        var last = stored.Timelines.Select(t => (uint?)t).LastOrDefault();
        return new WalStoreAudit(store.Name, timelines, [.. holes.Distinct()], last is { } newest ? stored.Ranges(newest)[^1].LastStoredAt : null, null);
    }

    private static IEnumerable<string> UnfinishedBefore(StoredWal stored, IReadOnlyList<TimelineSwitch> switches)
    {
        foreach (var left in switches)
        {
            if (stored.Ranges(left.From) is { Count: > 0 } ranges && ranges[^1].End < left.At)
            {
                yield return new WalGap(left.From, ranges[^1].End, left.At, default).ToString();
            }
        }
    }
}
