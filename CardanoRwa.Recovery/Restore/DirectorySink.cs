using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace CardanoRwa.Recovery.Restore;

/// <summary>Files under a directory, written at any offset by several workers. Keeps a bounded number open.</summary>
internal sealed class DirectorySink(string root) : IFileSink, IDisposable
{
    // Files shared by two objects are opened again by the second; few are, and large ones.
    private const int OpenAtMost = 256;

    private readonly ConcurrentDictionary<string, SafeFileHandle> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();
    private readonly ReaderWriterLockSlim _closing = new();

    public ValueTask WriteAsync(string path, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _closing.EnterReadLock();
        try
        {
            // Into the page cache: nothing to wait for asynchronously.
            RandomAccess.Write(Handle(path), bytes.Span, offset);
        }
        finally
        {
            _closing.ExitReadLock();
        }
        if (_open.Count > OpenAtMost)
        {
            CloseOldest();
        }
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        CloseAll();
        _closing.Dispose();
    }

    public void CloseAll()
    {
        foreach (var handle in _open.Values)
        {
            handle.Dispose();
        }
        _open.Clear();
        _order.Clear();
    }

    private SafeFileHandle Handle(string path)
    {
        if (_open.TryGetValue(path, out var known))
        {
            return known;
        }
        var handle = File.OpenHandle(Path.Combine(root, path), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        if (!_open.TryAdd(path, handle))
        {
            handle.Dispose();
            return _open[path];
        }
        _order.Enqueue(path);
        return handle;
    }

    private void CloseOldest()
    {
        _closing.EnterWriteLock();
        try
        {
            while (_open.Count > OpenAtMost / 2 && _order.TryDequeue(out var path))
            {
                if (_open.TryRemove(path, out var handle))
                {
                    handle.Dispose();
                }
            }
        }
        finally
        {
            _closing.ExitWriteLock();
        }
    }
}
