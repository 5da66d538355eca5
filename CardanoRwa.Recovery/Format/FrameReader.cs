using System.Buffers;
using System.Buffers.Binary;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Format;

/// <summary>Opens the frames of one sealed object in order, from its start or, given its header, from any frame on. Its memory is one frame, reused.</summary>
public sealed class FrameReader : IDisposable
{
    private readonly string _name;
    private readonly SealedHeader _header;
    private readonly FrameCipher _cipher;
    private readonly Zstd _zstd = Zstd.Rent();
    private readonly byte[] _stored;
    private readonly byte[] _plain;
    private readonly byte[] _head = new byte[FrameCipher.HeadLength];
    private long _next;
    private bool _isFinished;
    private bool _isDisposed;

    public FrameReader(string name, DataKey key, SealedHeader header, long firstFrame = 0)
    {
        if (header.KeyId != key.Id)
        {
            throw new DamagedObjectException(name, DamageKind.OtherKey, $"it is sealed with data key {header.KeyId}, and {key.Id} is at hand");
        }
        (_name, _header, _next) = (name, header, firstFrame);
        _cipher = new FrameCipher(key, header, name);
        _stored = ArrayPool<byte>.Shared.Rent(header.FrameSize + FrameCipher.TagLength);
        _plain = ArrayPool<byte>.Shared.Rent(header.FrameSize);
    }

    public static async Task<SealedHeader> ReadHeaderAsync(string name, Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[SealedHeader.Length];
        var count = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return count == bytes.Length
            ? SealedHeader.Parse(bytes, name)
            : throw new DamagedObjectException(name, DamageKind.Truncated, $"it ends after {count} bytes");
    }

    /// <summary>The next frame's plain bytes, valid until the next call; null after the final one.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (_isFinished)
        {
            if (await stream.ReadAsync(_head, cancellationToken) > 0)
            {
                throw new DamagedObjectException(_name, DamageKind.Appended, "bytes follow its final frame");
            }
            return null;
        }

        await FillAsync(stream, _head, cancellationToken);
        var head = BinaryPrimitives.ReadUInt32BigEndian(_head);
        var length = (int)(head & FrameCipher.LengthMask);
        if (length > _header.FrameSize || (head & ~(FrameCipher.LengthMask | FrameCipher.FinalFlag | FrameCipher.CompressedFlag)) != 0)
        {
            throw Altered();
        }
        await FillAsync(stream, _stored.AsMemory(0, length + FrameCipher.TagLength), cancellationToken);
        return Open(head, length);
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }
        _isDisposed = true;
        _cipher.Dispose();
        Zstd.Return(_zstd);
        ArrayPool<byte>.Shared.Return(_stored);
        ArrayPool<byte>.Shared.Return(_plain);
    }

    private ReadOnlyMemory<byte> Open(uint head, int length)
    {
        // Decrypted where it lies.
        var body = _stored.AsMemory(0, length);
        if (!_cipher.Open(_next, head, _stored.AsSpan(0, length + FrameCipher.TagLength), body.Span))
        {
            throw Altered();
        }
        if ((head & FrameCipher.CompressedFlag) != 0)
        {
            body = _plain.AsMemory(0, _zstd.Unpack(body.Span, _plain.AsSpan(0, _header.FrameSize)) ?? throw Altered());
        }

        _isFinished = (head & FrameCipher.FinalFlag) != 0;
        if (!_isFinished && body.Length != _header.FrameSize)
        {
            throw Altered();
        }
        _next++;
        return body;
    }

    private async ValueTask FillAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) < buffer.Length)
        {
            throw new DamagedObjectException(_name, DamageKind.Truncated, $"it ends within or before frame {_next}, which is not its final one");
        }
    }

    private DamagedObjectException Altered() => new(_name, DamageKind.Altered, $"frame {_next} is not what was written there");
}
