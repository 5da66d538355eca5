namespace CardanoRwa.Recovery.Restore;

/// <summary>Tells how long its reader waited for bytes. Reads only.</summary>
internal sealed class TimedStream(Stream inner, TimeProvider clock, long since, Action<long> waited) : Stream
{
    private long _ticks = clock.GetTimestamp() - since;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var began = clock.GetTimestamp();
        var count = await inner.ReadAsync(buffer, cancellationToken);
        _ticks += clock.GetTimestamp() - began;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        waited(Interlocked.Exchange(ref _ticks, 0));
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
