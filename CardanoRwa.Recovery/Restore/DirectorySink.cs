using Microsoft.Win32.SafeHandles;

namespace CardanoRwa.Recovery.Restore;

/// <summary>
/// Files under a directory, written at any offset. One for each object that is read, not for two threads: what an object has of a file lies
/// together, so the file in hand is nearly always the one written last, and no lock is needed.
/// </summary>
internal sealed class DirectorySink(string root) : IFileSink, IDisposable
{
    // Small enough that the disk is never idle, large enough that its requests stay large.
    private const long SendAfter = 8 << 20;

    private string? _path;
    private SafeFileHandle? _file;
    private long _from;
    private long _end;

    public ValueTask WriteAsync(string path, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (path != _path)
        {
            Send();
            _file?.Dispose();
            _file = File.OpenHandle(Path.Combine(root, path), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            (_path, _from, _end) = (path, offset, offset);
        }
        else if (offset != _end || _end - _from >= SendAfter)
        {
            Send();
            _from = offset;
        }
        // Into the page cache: nothing to wait for asynchronously.
        RandomAccess.Write(_file!, bytes.Span, offset);
        _end = offset + bytes.Length;
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        Send();
        _file?.Dispose();
    }

    /// <summary>Lets the disk begin while the next bytes are unpacked, so that little is left to wait for at the end.</summary>
    private void Send()
    {
        if (_file is not null && _end - _from >= 1 << 20)
        {
            Unix.BeginSync(_file, _from, _end - _from);
        }
    }
}
