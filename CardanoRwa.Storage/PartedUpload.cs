using System.Buffers;

namespace CardanoRwa.Storage;

/// <summary>An upload in parts, some under way while the next one fills; a small object goes in one request. Memory is bounded by parts in flight.</summary>
internal abstract class PartedUpload(StoreOptions settings) : ObjectUpload
{
    private const int FirstBuffer = 64 * 1024;
    private const int PartsOfASize = 1_000;
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Queue<Task> _underWay = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _filled;
    private int _parts;
    private bool _ended;

    protected StoreOptions Options => settings;

    /// <summary>Marks the object as this upload's, so that a repeated request whose first answer was lost knows its own work.</summary>
    protected string Id { get; } = Guid.NewGuid().ToString("N");

    // 10,000 parts of S3 would end an object of 8 MiB parts at 80 GiB.
    private int PartSize => (int)Math.Min((long)settings.PartMebibytes << (20 + (_parts / PartsOfASize)), 1L << 30);

    public sealed override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        while (bytes.Length > 0)
        {
            if (_filled == PartSize)
            {
                await SendAsync(cancellationToken);
            }
            var take = Math.Min(bytes.Length, PartSize - _filled);
            Grow(_filled + take);
            bytes[..take].CopyTo(_buffer.AsMemory(_filled));
            _filled += take;
            bytes = bytes[take..];
        }
    }

    public sealed override async Task<bool> CompleteAsync(bool ifAbsent, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (_parts == 0)
        {
            var put = await PutAsync(_buffer.AsMemory(0, _filled), ifAbsent, cancellationToken);
            _ended = true;
            return put;
        }
        if (_filled > 0)
        {
            await SendAsync(cancellationToken);
        }
        while (_underWay.TryPeek(out var part))
        {
            await part.WaitAsync(cancellationToken);
            _ = _underWay.Dequeue();
        }
        var made = await JoinAsync(ifAbsent, cancellationToken);
        _ended = made;
        return made;
    }

    public sealed override async ValueTask DisposeAsync()
    {
        await _abandoned.CancelAsync();
        // Their faults were told to the writer, or nobody will read what they wrote; only their buffers must be free.
        await Task.WhenAll(_underWay).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _underWay.Clear();
        if (!_ended && _parts > 0)
        {
            await AbortAsync();
        }
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
        _ended = true;
        _abandoned.Dispose();
    }

    protected abstract Task<bool> PutAsync(ReadOnlyMemory<byte> bytes, bool ifAbsent, CancellationToken cancellationToken);

    protected abstract Task BeginAsync(CancellationToken cancellationToken);

    protected abstract Task SendPartAsync(int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    protected abstract Task<bool> JoinAsync(bool ifAbsent, CancellationToken cancellationToken);

    protected abstract Task AbortAsync();

    /// <summary>The bytes of a part as a stream that a client may read again from its start.</summary>
    protected static MemoryStream Stream(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var part) ? new MemoryStream(part.Array!, part.Offset, part.Count, writable: false) : new MemoryStream(bytes.ToArray());

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        if (_parts == 0)
        {
            await BeginAsync(cancellationToken);
        }
        while (_underWay.Count >= settings.ParallelParts)
        {
            await _underWay.Peek().WaitAsync(cancellationToken);
            _ = _underWay.Dequeue();
        }
        _underWay.Enqueue(SendAndFreeAsync(++_parts, _buffer, _filled));
        _buffer = ArrayPool<byte>.Shared.Rent(PartSize);
        _filled = 0;
    }

    private async Task SendAndFreeAsync(int number, byte[] buffer, int length)
    {
        try
        {
            await SendPartAsync(number, buffer.AsMemory(0, length), _abandoned.Token);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Grow(int needed)
    {
        if (needed <= _buffer.Length)
        {
            return;
        }
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(PartSize, Math.Max(needed, (long)_buffer.Length * 4)));
        _buffer.AsSpan(0, _filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
