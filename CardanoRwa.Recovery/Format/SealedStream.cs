using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Format;

/// <summary>A sealed object's plain bytes as a stream. What it returned was authentic; that it was all is certain once it has returned 0.</summary>
public sealed class SealedStream : Stream
{
    private readonly Stream _stored;
    private readonly FrameReader _frames;
    private ReadOnlyMemory<byte> _rest;
    private bool _isAtEnd;

    private SealedStream(Stream stored, FrameReader frames) => (_stored, _frames) = (stored, frames);

    /// <param name="name">The object's key in the store.</param>
    /// <param name="key">The data key that the header names; see <see cref="PeekKeyIdAsync"/>.</param>
    /// <param name="stored">The object from its first byte; owned from here on.</param>
    public static async Task<SealedStream> OpenAsync(string name, DataKey key, Stream stored, CancellationToken cancellationToken)
    {
        try
        {
            var header = await FrameReader.ReadHeaderAsync(name, stored, cancellationToken);
            return new SealedStream(stored, new FrameReader(name, key, header));
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an object in a store; null when there is none under the name.</summary>
    public static async Task<SealedStream?> OpenAsync(IObjectStore store, string name, DataKey key, CancellationToken cancellationToken) =>
        await store.OpenAsync(name, 0, null, cancellationToken) is { } stored ? await OpenAsync(name, key, stored, cancellationToken) : null;

    /// <summary>Which data key an object is sealed with; null when there is no object.</summary>
    public static async Task<string?> PeekKeyIdAsync(IObjectStore store, string name, CancellationToken cancellationToken)
    {
        await using var stored = await store.OpenAsync(name, 0, SealedHeader.Length, cancellationToken);
        return stored is null ? null : (await FrameReader.ReadHeaderAsync(name, stored, cancellationToken)).KeyId;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty && !_isAtEnd)
        {
            var frame = await _frames.ReadAsync(_stored, cancellationToken);
            _isAtEnd = frame is null;
            _rest = frame ?? default;
        }
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        _frames.Dispose();
        await _stored.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _frames.Dispose();
            _stored.Dispose();
        }
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
