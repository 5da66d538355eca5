using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Base;

/// <summary>A range of a file to read.</summary>
internal readonly record struct FileRange(long Offset, long Length);

/// <summary>A file to copy, and what was copied of it so far by however many workers.</summary>
internal sealed class SourceFile(string path, long length, RelationFile? relation)
{
    private readonly Lock _lock = new();
    private readonly List<Extent> _extents = [];
    private ulong _sum;
    private long _end;
    private bool _isMissing;

    public string Path => path;
    public long Length => length;
    public RelationFile? Relation => relation;

    /// <summary>What to read; the whole file where null.</summary>
    public IReadOnlyList<FileRange>? Ranges { get; set; }

    /// <summary>Keep only pages changed since then; what the parent has stands for the rest.</summary>
    public Lsn? ChangedSince { get; set; }

    /// <summary>The file's length in the parent: what lies behind is kept whatever its LSN.</summary>
    public long ParentLength { get; set; }

    private bool IsPartial => Ranges is not null || ChangedSince is not null;

    /// <summary>It was dropped after it was listed. What was read until then does no harm: replay drops it again.</summary>
    public void MarkMissing()
    {
        lock (_lock)
        {
            _isMissing = true;
        }
    }

    public void SawUpTo(long end)
    {
        lock (_lock)
        {
            _end = Math.Max(_end, end);
        }
    }

    public void Add(Extent extent, ulong sum)
    {
        lock (_lock)
        {
            _extents.Add(extent);
            _sum = unchecked(_sum + sum);
        }
    }

    public IndexedFile? ToIndexed()
    {
        lock (_lock)
        {
            if (_isMissing && _end == 0)
            {
                return null;
            }
            // With ranges, only parts were looked at: its length is the listed one.
            return new IndexedFile(path, Ranges is null ? _end : length, IsPartial, _sum.ToString("x16", System.Globalization.CultureInfo.InvariantCulture), [.. _extents.OrderBy(e => e.Offset)]);
        }
    }
}
