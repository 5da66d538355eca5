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

    public async ValueTask AppendAsync(SourceFile file, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
        {
            return;
        }
        if (file != _file || offset != _extent.End)
        {
            EndExtent();
            await RotateAsync(cancellationToken);
            (_file, _hash, _extent) = (file, new XxHash3(offset), new Extent(offset, 0, _number, _writer!.Position));
        }
        await _writer!.WriteAsync(bytes, cancellationToken);
        _hash.Append(bytes.Span);
        _extent = _extent with { Length = _extent.Length + bytes.Length };
    }

    /// <summary>Extents end with a query's rows, so that none grows too long to be read by one worker.</summary>
    public void EndExtent()
    {
        _file?.Add(_extent, _hash.GetCurrentHashAsUInt64());
        _file = null;
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        EndExtent();
        if (_writer is not null)
        {
            await objects.CompleteAsync(_number, _writer, cancellationToken);
            await _writer.DisposeAsync();
            _writer = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }
    }

    private async Task RotateAsync(CancellationToken cancellationToken)
    {
        if (_writer?.Position >= ObjectWriters.ObjectLength)
        {
            await CompleteAsync(cancellationToken);
        }
        if (_writer is null)
        {
            (_number, _writer) = await objects.NextAsync(cancellationToken);
        }
    }
}
