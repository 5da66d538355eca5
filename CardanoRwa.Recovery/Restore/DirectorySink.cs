using Microsoft.Win32.SafeHandles;

namespace CardanoRwa.Recovery.Restore;

/// <summary>
/// Files under a directory, written at any offset. One for each object that is read, not for two threads: what an object has of a file lies
/// together, so the file in hand is nearly always the one written last, and no lock is needed.
/// </summary>
internal sealed class DirectorySink(string root) : IFileSink, IDisposable
{
    private string? _path;
    private SafeFileHandle? _file;

    public ValueTask WriteAsync(string path, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (path != _path)
        {
            _file?.Dispose();
            _file = File.OpenHandle(Path.Combine(root, path), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            _path = path;
        }
        // Into the page cache: nothing to wait for asynchronously.
        RandomAccess.Write(_file!, bytes.Span, offset);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _file?.Dispose();
}
