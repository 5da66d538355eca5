namespace CardanoRwa.Storage;

/// <summary>The bytes of an object, asked for again from where they broke off; a body that ends early is never taken for the end.</summary>
internal sealed class ResumingStream(StoreCalls calls, string key, ResumingStream.Body first, Func<long, CancellationToken, Task<ResumingStream.Body>> reopen) : Stream
{
    private Body? _body = first;
    private long _position;

    /// <param name="Bytes">What the store sends.</param>
    /// <param name="Length">How many bytes it announced.</param>
    internal sealed record Body(Stream Bytes, long Length);

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length { get; } = first.Length;
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0 || _position == Length)
        {
            return 0;
        }
        var read = await calls.RunAsync($"reading {key}", token => TryReadAsync(buffer, token), cancellationToken);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Objects are read asynchronously.");
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body?.Bytes.Dispose();
            _body = null;
        }
        base.Dispose(disposing);
    }

    private async Task<int> TryReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _body ??= await reopen(_position, cancellationToken);
        try
        {
            var most = (int)Math.Min(buffer.Length, Length - _position);
            return await _body.Bytes.ReadAsync(buffer[..most], cancellationToken) is var read and > 0
                ? read
                : throw new EndOfStreamException($"it ended after {_position} of {Length} bytes");
        }
        catch
        {
            await _body.Bytes.DisposeAsync();
            _body = null;
            throw;
        }
    }
}
