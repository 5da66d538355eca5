using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Format;

/// <summary>
/// AES-256-GCM over the frames of one object, under a key made for this object alone: a counter as nonce is then safe, and bytes of
/// another object or under another name do not open.
/// </summary>
internal sealed class FrameCipher : IDisposable
{
    public const int HeadLength = 4;
    public const int TagLength = 16;
    public const uint FinalFlag = 1u << 31;
    public const uint CompressedFlag = 1u << 30;
    public const uint LengthMask = (1u << 24) - 1;

    private readonly AesGcm _gcm;
    private readonly byte[] _associated;

    public FrameCipher(DataKey key, SealedHeader header, string name)
    {
        _gcm = key.ObjectCipher(header.Salt, name);
        _associated = [.. header.ToBytes(), .. Encoding.UTF8.GetBytes(name)];
    }

    public void Seal(long frame, uint head, ReadOnlySpan<byte> plain, Span<byte> stored)
    {
        Span<byte> nonce = stackalloc byte[12];
        Nonce(frame, head, nonce);
        _gcm.Encrypt(nonce, plain, stored[..plain.Length], stored.Slice(plain.Length, TagLength), _associated);
    }

    /// <summary>False when the bytes are not those that were sealed as this frame.</summary>
    public bool Open(long frame, uint head, ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[12];
        Nonce(frame, head, nonce);
        try
        {
            _gcm.Decrypt(nonce, stored[..^TagLength], stored[^TagLength..], plain[..(stored.Length - TagLength)], _associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _gcm.Dispose();

    // The frame's number, then its flags: neither can be changed without the frame failing to open.
    private static void Nonce(long frame, uint head, Span<byte> nonce)
    {
        BinaryPrimitives.WriteInt64BigEndian(nonce, frame);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], head & (FinalFlag | CompressedFlag));
    }
}
