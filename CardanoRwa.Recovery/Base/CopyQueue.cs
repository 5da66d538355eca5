namespace CardanoRwa.Recovery.Base;

/// <summary>A range of a file that one row of a query brings.</summary>
internal readonly record struct Piece(SourceFile File, long Offset, int Length);

/// <summary>Hands the files out to the copying connections, as many small rows to a query: a large row costs the server large allocations.</summary>
internal sealed class CopyQueue(IEnumerable<SourceFile> files) : IDisposable
{
    public const int RowLength = 128 * 1024;
    private const int QueryLength = 8 * 1024 * 1024;
    private const int QueryRows = 512;

    private readonly Lock _lock = new();
    private readonly IEnumerator<Piece> _pieces = files.SelectMany(Cut).GetEnumerator();

    /// <summary>Pieces for one query; false when all are handed out.</summary>
    public bool Take(List<Piece> pieces)
    {
        pieces.Clear();
        long length = 0;
        lock (_lock)
        {
            while (length < QueryLength && pieces.Count < QueryRows && _pieces.MoveNext())
            {
                pieces.Add(_pieces.Current);
                length += _pieces.Current.Length;
            }
        }
        return pieces.Count > 0;
    }

    public void Dispose() => _pieces.Dispose();

    private static IEnumerable<Piece> Cut(SourceFile file)
    {
        foreach (var (start, length) in file.Ranges ?? [new FileRange(0, file.Length)])
        {
            for (long at = 0; at < length; at += RowLength)
            {
                yield return new Piece(file, start + at, (int)Math.Min(RowLength, length - at));
            }
        }
    }
}
