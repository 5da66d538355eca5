using System.Globalization;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Wal;

/// <summary>What one store holds of a cluster's WAL, read from the names of its objects.</summary>
internal sealed class StoredWal(IObjectStore store, int segmentSize)
{
    private readonly SortedDictionary<uint, SortedDictionary<ulong, StoredSegment>> _timelines = [];

    public IObjectStore Store => store;
    public int SegmentSize => segmentSize;
    public WalMark? Mark { get; private set; }
    public DateTimeOffset? MarkedAt { get; private set; }

    /// <summary>Why the mark that is there is not read.</summary>
    public string? MarkFault { get; private set; }

    public SortedSet<uint> Histories { get; } = [];
    public IEnumerable<uint> Timelines => _timelines.Keys;

    /// <param name="segmentSize">Where it is known; otherwise the store is asked.</param>
    public static async Task<StoredWal> ReadAsync(IObjectStore store, string systemId, CancellationToken cancellationToken, int? segmentSize = null)
    {
        var wal = new StoredWal(store, segmentSize ?? (await WalObjects.ReadClusterAsync(store, systemId, cancellationToken))?.SegmentSize ?? WalSegment.DefaultSize);
        var prefix = Layout.Wal(systemId);
        await foreach (var found in store.ListAsync(prefix, cancellationToken))
        {
            wal.Add(found.Key[prefix.Length..], found);
        }
        if (wal.MarkedAt is not null)
        {
            try
            {
                wal.Mark = await WalObjects.ReadAsync<WalMark>(store, WalObjects.Mark(systemId), cancellationToken);
            }
            catch (DamagedObjectException e)
            {
                // It only says more exactly what the names say too, and the receiver writes it anew every few seconds.
                wal.MarkFault = e.Message;
            }
        }
        return wal;
    }

    public IEnumerable<StoredSegment> Segments(uint timeline) => _timelines.TryGetValue(timeline, out var segments) ? segments.Values : [];

    public StoredSegment? Find(WalSegment segment) =>
        _timelines.TryGetValue(segment.Timeline, out var segments) ? segments.GetValueOrDefault(segment.Number) : null;

    /// <summary>What is there without a gap, in ascending order.</summary>
    public List<WalRange> Ranges(uint timeline)
    {
        var ranges = new List<WalRange>();
        foreach (var segment in Segments(timeline))
        {
            foreach (var (from, to) in segment.Covered())
            {
                var (start, end) = (segment.Segment.Start.Plus(from), segment.Segment.Start.Plus(to));
                if (ranges.Count > 0 && ranges[^1].End == start)
                {
                    ranges[^1] = ranges[^1] with { End = end, LastStoredAt = segment.LastStoredAt };
                }
                else
                {
                    ranges.Add(new WalRange(start, end, segment.LastStoredAt));
                }
            }
        }
        if (ranges.Count > 0 && Mark is { } mark && mark.Timeline == timeline && mark.At <= ranges[^1].End)
        {
            // The database's clock at the mark, and how much was stored since by the store's own: whether the two agree does not matter.
            var since = ranges[^1].LastStoredAt - MarkedAt!.Value;
            ranges[^1] = ranges[^1] with { LastStoredAt = mark.ServerTime + (since > TimeSpan.Zero ? since : TimeSpan.Zero) };
        }
        return ranges;
    }

    /// <summary>How far WAL from a position on is there without a gap; the position itself when not even its byte is.</summary>
    public Lsn EndFrom(uint timeline, Lsn position) =>
        Ranges(timeline).FirstOrDefault(r => r.Start <= position && r.End > position)?.End ?? position;

    private void Add(string name, StoredObject found)
    {
        switch (name.Split('/'))
        {
            case [var file] when file.EndsWith(".history", StringComparison.Ordinal) && uint.TryParse(file.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id):
                Histories.Add(id);
                break;
            case ["mark.json"]:
                MarkedAt = found.ModifiedAt;
                break;
            case [_, var folder, var part] when WalSegment.TryParse(folder, segmentSize) is { } segment:
                var segments = _timelines.TryGetValue(segment.Timeline, out var known) ? known : _timelines[segment.Timeline] = [];
                var stored = segments.TryGetValue(segment.Number, out var there) ? there : segments[segment.Number] = new StoredSegment(segment);
                stored.Add(part, found);
                break;
        }
    }
}

/// <summary>A segment in a store: whole, or as parts.</summary>
internal sealed class StoredSegment(WalSegment segment)
{
    public WalSegment Segment => segment;
    public bool IsWhole { get; private set; }
    public List<WalPart> Parts { get; } = [];
    public DateTimeOffset LastStoredAt { get; private set; } = DateTimeOffset.MinValue;
    public long StoredBytes { get; private set; }

    public void Add(string name, StoredObject found)
    {
        if (name == WalObjects.Whole)
        {
            IsWhole = true;
        }
        else if (WalObjects.ParsePart(name) is { } part)
        {
            Parts.Add(part);
        }
        else
        {
            return;
        }
        LastStoredAt = found.ModifiedAt > LastStoredAt ? found.ModifiedAt : LastStoredAt;
        StoredBytes += found.Length;
    }

    public IEnumerable<(int From, int To)> Covered()
    {
        if (IsWhole)
        {
            yield return (0, segment.Size);
            yield break;
        }
        (int From, int To)? open = null;
        foreach (var part in Parts.OrderBy(p => p.Offset))
        {
            if (open is { } range && part.Offset <= range.To)
            {
                open = (range.From, Math.Max(range.To, part.End));
                continue;
            }
            if (open is { } done)
            {
                yield return done;
            }
            open = (part.Offset, part.End);
        }
        if (open is { } last)
        {
            yield return last;
        }
    }

    /// <summary>The fewest parts that cover the segment from its start, as far as they do.</summary>
    public List<WalPart> Cover()
    {
        var chosen = new List<WalPart>();
        var end = 0;
        while (Parts.Where(p => p.Offset <= end && p.End > end).OrderByDescending(p => p.End).Select(p => (WalPart?)p).FirstOrDefault() is { } next)
        {
            chosen.Add(next);
            end = next.End;
        }
        return chosen;
    }
}
