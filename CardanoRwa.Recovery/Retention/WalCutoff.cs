using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Retention;

/// <summary>Which segments no backup in the store needs.</summary>
internal static class WalCutoff
{
    public static IEnumerable<StoredSegment> Below(StoredWal wal, StoreBases bases)
    {
        // Without a proven backup nothing replaces what is there.
        if (!bases.Backups.Any(bases.IsProven))
        {
            yield break;
        }
        foreach (var timeline in wal.Timelines)
        {
            // A backup of an earlier timeline may be replayed along the whole of this one.
            if (bases.Backups.Any(b => b.Manifest.Timeline < timeline))
            {
                continue;
            }
            var oldest = bases.Backups.Where(b => b.Manifest.Timeline == timeline).Select(b => (Lsn?)b.Manifest.StartLsn).Min();
            foreach (var segment in wal.Segments(timeline).Where(s => oldest is null || s.Segment.End <= oldest))
            {
                yield return segment;
            }
        }
    }
}
