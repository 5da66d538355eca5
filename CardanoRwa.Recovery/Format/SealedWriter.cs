using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Format;

/// <summary>What was written as a sealed object.</summary>
/// <param name="Name">Its key, which is part of what its frames authenticate.</param>
/// <param name="PlainLength">Bytes before compression.</param>
/// <param name="StoredLength">Bytes in the store.</param>
/// <param name="Sha256">Of the bytes in the store, in hex: checked without any key.</param>
/// <param name="Frames">The stored length of each frame, so that a range can be fetched alone.</param>
public sealed record SealedObject(string Name, long PlainLength, long StoredLength, string Sha256, IReadOnlyList<int> Frames);

/// <summary>
/// Writes one sealed object: frames of 1 MB, each compressed and encrypted by itself, so that memory stays flat and any range can be read alone.
/// Not for two threads at once.
/// </summary>
public sealed class SealedWriter : IAsyncDisposable
{
    private readonly string _name;
    private readonly ObjectUpload _upload;
    private readonly SealedHeader _header;
    private readonly FrameCipher _cipher;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Zstd? _zstd;
    private readonly List<int> _frames = [];
    private readonly byte[] _plain;
    private readonly byte[] _stored;
    private int _filled;
    private long _storedLength;
    private bool _isDisposed;

    /// <param name="name">The key the upload was created under.</param>
    /// <param name="key">The data key.</param>
    /// <param name="compression">Frames that do not become smaller are stored as they are.</param>
    /// <param name="upload">Owned from here on; see <see cref="FanoutUpload"/> for several stores at once.</param>
    public SealedWriter(string name, DataKey key, SealedCompression compression, ObjectUpload upload)
    {
        (_name, _upload) = (name, upload);
        _header = SealedHeader.New(compression, key.Id);
        _cipher = new FrameCipher(key, _header, name);
        _zstd = compression == SealedCompression.Zstd ? Zstd.Rent() : null;
        _plain = ArrayPool<byte>.Shared.Rent(_header.FrameSize);
        _stored = ArrayPool<byte>.Shared.Rent(SealedHeader.Length + FrameCipher.HeadLength + _header.FrameSize + FrameCipher.TagLength);
    }

    /// <summary>Bytes taken so far: where the next one will stand in the plain object.</summary>
    public long Position => ((long)_frames.Count << _header.FrameSizeLog2) + _filled;

    /// <summary>Room in the current frame, never empty: fill a part of it, then <see cref="AdvanceAsync"/>. Saves a copy.</summary>
    public Memory<byte> Room => _plain.AsMemory(_filled, _header.FrameSize - _filled);

    public async ValueTask AdvanceAsync(int count, CancellationToken cancellationToken)
    {
        _filled += count;
        if (_filled == _header.FrameSize)
        {
            await FlushAsync(isFinal: false, cancellationToken);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, Room.Length);
            bytes[..count].CopyTo(Room);
            bytes = bytes[count..];
            await AdvanceAsync(count, cancellationToken);
        }
    }

    /// <summary>Ends the object and makes it visible; null when <paramref name="ifAbsent"/> and the key was taken.</summary>
    public async Task<SealedObject?> CompleteAsync(bool ifAbsent, CancellationToken cancellationToken)
    {
        var length = Position;
        await FlushAsync(isFinal: true, cancellationToken);
        return await _upload.CompleteAsync(ifAbsent, cancellationToken)
            ? new SealedObject(_name, length, _storedLength, Convert.ToHexStringLower(_hash.GetHashAndReset()), _frames)
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }
        _isDisposed = true;
        await _upload.DisposeAsync();
        _cipher.Dispose();
        _hash.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
        ArrayPool<byte>.Shared.Return(_plain);
        ArrayPool<byte>.Shared.Return(_stored);
        if (_zstd is not null)
        {
            Zstd.Return(_zstd);
        }
    }

    private async ValueTask FlushAsync(bool isFinal, CancellationToken cancellationToken)
    {
        var bytes = Frame(isFinal);
        _filled = 0;
        await _upload.WriteAsync(bytes, cancellationToken);
    }

    private ReadOnlyMemory<byte> Frame(bool isFinal)
    {
        var start = 0;
        if (_frames.Count == 0)
        {
            _header.ToBytes().CopyTo(_stored, 0);
            start = SealedHeader.Length;
        }

        var body = _plain.AsSpan(0, _filled);
        var sealedBody = _stored.AsSpan(start + FrameCipher.HeadLength);
        var head = isFinal ? FrameCipher.FinalFlag : 0;
        if (_filled > 0 && _zstd?.Pack(body, sealedBody[..(_filled - 1)]) is { } packed)
        {
            // Encrypted where it lies.
            body = sealedBody[..packed];
            head |= FrameCipher.CompressedFlag;
        }

        head |= (uint)body.Length;
        var length = FrameCipher.HeadLength + body.Length + FrameCipher.TagLength;
        BinaryPrimitives.WriteUInt32BigEndian(_stored.AsSpan(start), head);
        _cipher.Seal(_frames.Count, head, body, sealedBody);
        _frames.Add(length);

        var all = _stored.AsMemory(0, start + length);
        _hash.AppendData(all.Span);
        _storedLength += all.Length;
        return all;
    }
}
