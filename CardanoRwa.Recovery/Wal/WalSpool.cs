using System.Text;

namespace CardanoRwa.Recovery.Wal;

/// <summary>
/// Received WAL on the worker's own disk, a file a segment, from the segment's first byte on. What is flushed is noted beside it: after a
/// loss of power a file may be longer than what of it is true.
/// </summary>
internal sealed class WalSpool(string path, string systemId, int segmentSize) : IDisposable
{
    private const string FlushedFile = "flushed";
    private const string SizeFile = "segment-size";
    private readonly string _folder = MakeFolder(Path.Combine(path, systemId), segmentSize);
    private readonly Lock _lock = new();
    private FileStream? _file;
    private WalSegment _segment;
    private Lsn _end;
    private Lsn _flushed;

    public long Bytes => new DirectoryInfo(_folder).EnumerateFiles().Sum(f => f.Length);

    /// <summary>Clusters that left something behind.</summary>
    public static IEnumerable<string> Systems(string path) => Directory.Exists(path) ? Directory.EnumerateDirectories(path).Select(d => Path.GetFileName(d)) : [];

    /// <summary>Bytes of the segments that an earlier run left; null where it did not say.</summary>
    public static int? SegmentSizeOf(string path, string systemId) =>
        File.Exists(Path.Combine(path, systemId, SizeFile)) && int.TryParse(File.ReadAllText(Path.Combine(path, systemId, SizeFile)), System.Globalization.CultureInfo.InvariantCulture, out var size) ? size : null;

    public void Append(WalSegment segment, int offset, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_file is null || segment != _segment)
            {
                Flush();
                _file?.Dispose();
                var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }
                (_file, _segment) = (new FileStream(PathOf(segment), options), segment);
            }
            RandomAccess.Write(_file.SafeFileHandle, bytes, offset);
            _end = segment.Start.Plus(offset + bytes.Length);
        }
    }

    /// <summary>Makes durable what was appended.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_file is null || _end <= _flushed)
            {
                return;
            }
            _file.Flush(flushToDisk: true);
            _flushed = _end;
            using var note = new FileStream(Path.Combine(_folder, FlushedFile), FileMode.OpenOrCreate, FileAccess.Write);
            note.Write(Encoding.ASCII.GetBytes($"{_segment.Timeline:X8} {(ulong)_flushed:X16}"));
            note.Flush(flushToDisk: true);
        }
    }

    /// <summary>Bytes of a segment; false when its file was removed.</summary>
    public async Task<bool> ReadAsync(WalSegment segment, int offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        if (!File.Exists(PathOf(segment)))
        {
            return false;
        }
        using var file = File.OpenHandle(PathOf(segment), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        for (var read = 0; read < into.Length;)
        {
            var count = await RandomAccess.ReadAsync(file, into[read..], offset + read, cancellationToken);
            read += count > 0 ? count : throw new EndOfStreamException($"The spool's {segment.Name} ends at {offset + read}.");
        }
        return true;
    }

    /// <summary>What an earlier run left, by timeline, as far as it is surely true.</summary>
    public IReadOnlyList<(uint Timeline, Lsn Start, Lsn End)> Left()
    {
        var left = new List<(uint Timeline, Lsn Start, Lsn End)>();
        if (ReadFlushed() is not { } flushed)
        {
            return left;
        }
        foreach (var (segment, length) in Files())
        {
            var end = segment.Start.Plus(length);
            if (segment.Timeline > flushed.Timeline || (segment.Timeline == flushed.Timeline && end > flushed.At))
            {
                end = segment.Timeline > flushed.Timeline ? segment.Start : flushed.At;
            }
            if (end <= segment.Start)
            {
                continue;
            }
            if (left.Count > 0 && left[^1].Timeline == segment.Timeline && left[^1].End == segment.Start)
            {
                left[^1] = left[^1] with { End = end };
            }
            else
            {
                left.Add((segment.Timeline, segment.Start, end));
            }
        }
        return left;
    }

    public IEnumerable<WalSegment> Segments() => Files().Select(f => f.Segment);

    public void Remove(WalSegment segment) => File.Delete(PathOf(segment));

    public void Dispose()
    {
        lock (_lock)
        {
            Flush();
            _file?.Dispose();
            _file = null;
        }
    }

    private List<(WalSegment Segment, long Length)> Files() => [.. new DirectoryInfo(_folder).EnumerateFiles()
        .Select(f => (Segment: WalSegment.TryParse(f.Name, segmentSize), f.Length))
        .Where(f => f.Segment is not null)
        .Select(f => (f.Segment!.Value, f.Length))
        .OrderBy(f => f.Item1.Timeline).ThenBy(f => f.Item1.Number)];

    private (uint Timeline, Lsn At)? ReadFlushed()
    {
        var file = Path.Combine(_folder, FlushedFile);
        return File.Exists(file) && File.ReadAllText(file).Split(' ') is [var timeline, var at]
            && uint.TryParse(timeline, System.Globalization.NumberStyles.HexNumber, null, out var id) && ulong.TryParse(at, System.Globalization.NumberStyles.HexNumber, null, out var position)
            ? (id, new Lsn(position))
            : null;
    }

    private string PathOf(WalSegment segment) => Path.Combine(_folder, segment.Name);

    private static string MakeFolder(string folder, int segmentSize)
    {
        // WAL is as secret as the database.
        var made = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(folder)
            : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // So that what is left here can be read while no store answers.
        File.WriteAllText(Path.Combine(folder, SizeFile), segmentSize.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return made.FullName;
    }
}
