using System.IO.Hashing;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Base;

/// <summary>Appends bytes of files to data objects and remembers where they went. One for each worker.</summary>
internal sealed class ExtentWriter(ObjectWriters objects) : IAsyncDisposable
{
    private int _number;
    private SealedWriter? _writer;
    private SourceFile? _file;
    private Extent _extent;
    private XxHash3 _hash = new();
    private Task _completing = Task.CompletedTask;

    public async ValueTask AppendAsync(SourceFile file, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
        {
            return;
        }
        await BeginAsync(file, offset, cancellationToken);
        await _writer!.WriteAsync(bytes, cancellationToken);
        Count(bytes.Span);
    }

    /// <summary>Room for bytes of a file in the frame itself, to be filled and then <see cref="AdvanceAsync"/>d; null where they do not fit in one piece.</summary>
    public async ValueTask<Memory<byte>?> RoomAsync(SourceFile file, long offset, int length, CancellationToken cancellationToken)
    {
        await BeginAsync(file, offset, cancellationToken);
        // 'null' alone would be an empty Memory.
        return _writer!.Room is var room && room.Length >= length ? room[..length] : (Memory<byte>?)null;
    }

    public ValueTask AdvanceAsync(int count, CancellationToken cancellationToken)
    {
        Count(_writer!.Room.Span[..count]);
        return _writer.AdvanceAsync(count, cancellationToken);
    }

    /// <summary>Extents end with a query's rows, so that none grows too long to be read by one worker.</summary>
    public void EndExtent()
    {
        if (_extent.Length > 0)
        {
            _file?.Add(_extent, _hash.GetCurrentHashAsUInt64());
        }
        _file = null;
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        EndExtent();
        await EndObjectAsync(cancellationToken);
        await _completing;
    }

    public async ValueTask DisposeAsync()
    {
        await _completing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        _hash.Append(bytes);
        _extent = _extent with { Length = _extent.Length + bytes.Length };
    }

    private async ValueTask BeginAsync(SourceFile file, long offset, CancellationToken cancellationToken)
    {
        if (file == _file && offset == _extent.End)
        {
            return;
        }
        EndExtent();
        await RotateAsync(cancellationToken);
        (_file, _hash, _extent) = (file, new XxHash3(offset), new Extent(offset, 0, _number, _writer!.Position));
    }

    private async ValueTask RotateAsync(CancellationToken cancellationToken)
    {
        if (_writer?.Position >= ObjectWriters.ObjectLength)
        {
            await EndObjectAsync(cancellationToken);
        }
        if (_writer is null)
        {
            (_number, _writer) = await objects.NextAsync(cancellationToken);
        }
    }

    /// <summary>A store takes its time to make an object durable; the next one is begun meanwhile.</summary>
    private async ValueTask EndObjectAsync(CancellationToken cancellationToken)
    {
        await _completing;
        if (_writer is { } full)
        {
            (_writer, _completing) = (null, CompleteAsync(_number, full, cancellationToken));
        }
    }

    private async Task CompleteAsync(int number, SealedWriter writer, CancellationToken cancellationToken)
    {
        await using (writer)
        {
            await objects.CompleteAsync(number, writer, cancellationToken);
        }
    }
}
