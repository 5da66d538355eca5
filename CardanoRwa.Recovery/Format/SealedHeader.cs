using System.Security.Cryptography;

namespace CardanoRwa.Recovery.Format;

public enum SealedCompression : byte
{
    None = 0,
    Zstd = 1,
}

/// <summary>
/// The first 56 bytes of a sealed object: magic 'SEAL', version, compression, cipher, log2 of the frame size, the data key's id
/// (16 bytes) and the salt (32 bytes) that makes the object's own key of it. Written out in docs/backup-format.md.
/// </summary>
public sealed record SealedHeader(SealedCompression Compression, byte FrameSizeLog2, string KeyId, byte[] Salt)
{
    public const int Length = 56;
    public const byte Version = 1;
    public const byte DefaultFrameSizeLog2 = 20;
    private const byte Aes256Gcm = 1;

    // A reader allocates a frame before anything is authenticated.
    private const byte LargestFrameSizeLog2 = 22;

    private static ReadOnlySpan<byte> Magic => "SEAL"u8;

    public int FrameSize => 1 << FrameSizeLog2;

    public static SealedHeader New(SealedCompression compression, string keyId) =>
        new(compression, DefaultFrameSizeLog2, keyId, RandomNumberGenerator.GetBytes(32));

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Magic.CopyTo(bytes);
        bytes[4] = Version;
        bytes[5] = (byte)Compression;
        bytes[6] = Aes256Gcm;
        bytes[7] = FrameSizeLog2;
        Convert.FromHexString(KeyId).CopyTo(bytes, 8);
        Salt.CopyTo(bytes, 24);
        return bytes;
    }

    public static SealedHeader Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < Length || !bytes[..4].SequenceEqual(Magic))
        {
            throw new DamagedObjectException(name, DamageKind.NotSealed, "it does not begin as a sealed object does");
        }
        if (bytes[4] != Version || bytes[6] != Aes256Gcm || bytes[5] > (byte)SealedCompression.Zstd || bytes[7] is < 12 or > LargestFrameSizeLog2)
        {
            throw new DamagedObjectException(name, DamageKind.NotSealed, $"version {bytes[4]}, cipher {bytes[6]}, compression {bytes[5]} or frame size 2^{bytes[7]} is not known to this program");
        }
        return new SealedHeader((SealedCompression)bytes[5], bytes[7], Convert.ToHexStringLower(bytes[8..24]), bytes[24..56].ToArray());
    }
}
