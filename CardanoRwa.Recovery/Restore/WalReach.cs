using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Restore;

/// <summary>How far a backup can be replayed along one timeline.</summary>
/// <param name="End">The byte after the last that can be replayed.</param>
/// <param name="EndsAt">Commits until then are inside, by the store's clock.</param>
/// <param name="Gap">What is missing after <paramref name="End"/> although there is more WAL later; null where there is none.</param>
/// <param name="Path">The timelines on the way with the position where each is left.</param>
public sealed record WalReach(Lsn End, DateTimeOffset EndsAt, string? Gap, IReadOnlyList<(uint Timeline, Lsn Until)> Path)
{
    /// <summary>Null when the timeline does not come from the backup's, after its end.</summary>
    public static WalReach? Of(BackupManifest backup, WalInventory inventory, uint timeline)
    {
        var segmentSize = (ulong)backup.Server.WalSegmentSize;
        // The backup holds its own WAL to the end of the segment it ended in.
        var end = new Lsn(((ulong)backup.StopLsn + segmentSize - 1) / segmentSize * segmentSize);
        var endsAt = backup.StoppedAt;
        var path = new List<(uint, Lsn)>();
        if (Steps(backup, inventory, timeline) is not { } steps)
        {
            return null;
        }
        foreach (var (id, until) in steps)
        {
            var range = inventory.Find(id)?.Ranges.FirstOrDefault(r => r.Start <= end && r.End > end);
            if (range is not null)
            {
                (end, endsAt) = (until is { } at && at < range.End ? at : range.End, range.LastStoredAt > endsAt ? range.LastStoredAt : endsAt);
            }
            path.Add((id, end));
            if (until is { } needed && end < needed)
            {
                return new WalReach(end, endsAt, $"timeline {id} from {end} to {needed}", path);
            }
            if (until is not null)
            {
                // The next timeline's first segment repeats what came before the switch.
                end = new Lsn((ulong)until.Value / segmentSize * segmentSize);
            }
        }
        var later = inventory.Find(timeline)?.Ranges.FirstOrDefault(r => r.Start > end);
        return new WalReach(end, endsAt, later is null ? null : $"timeline {timeline} from {end} to {later.Start}", path);
    }

    /// <summary>Names of the segments after the backup's own, in the order of replay.</summary>
    public IEnumerable<string> Segments(BackupManifest backup, Lsn until)
    {
        var size = (ulong)backup.Server.WalSegmentSize;
        var next = ((ulong)backup.StopLsn + size - 1) / size;
        foreach (var (timeline, end) in Path)
        {
            var last = Math.Min((ulong)end, (ulong)until);
            for (var segment = next; segment * size < last; segment++)
            {
                yield return WalNames.Segment(timeline, segment, backup.Server.WalSegmentSize);
            }
            next = Math.Max(next, (ulong)end / size);
        }
    }

    private static List<(uint Timeline, Lsn? Until)>? Steps(BackupManifest backup, WalInventory inventory, uint timeline)
    {
        if (timeline == backup.Timeline)
        {
            return [(timeline, null)];
        }
        var switches = inventory.Find(timeline)?.Switches ?? [];
        var from = switches.ToList().FindIndex(s => s.From == backup.Timeline && s.At >= backup.StopLsn);
        return from < 0 ? null : [.. switches.Skip(from).Select(s => (s.From, (Lsn?)s.At)), (timeline, null)];
    }
}
