using System.Security.Cryptography;
using System.Text;

namespace CardanoRwa.Recovery.Keys;

/// <summary>The 256-bit key of one backup, or of one run of the WAL receiver. Keys of objects and of the manifest are derived from it.</summary>
public sealed class DataKey : IDisposable
{
    public const int Length = 32;
    private readonly byte[] _secret;
    private volatile bool _isDisposed;

    public DataKey(byte[] secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, Length);
        _secret = secret;
        // Derived, so that a key that is not the one asked for cannot pass for it.
        Id = Convert.ToHexStringLower(Derive("data key id"u8, [], 16));
    }

    /// <summary>16 bytes in hex; says nothing about the key.</summary>
    public string Id { get; }

    public static DataKey New() => new(RandomNumberGenerator.GetBytes(Length));

    internal ReadOnlySpan<byte> Secret
    {
        get
        {
            // Wiped, it would seal with zeros.
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _secret;
        }
    }

    /// <summary>HMAC-SHA256 of a manifest, by a key of this purpose alone.</summary>
    public byte[] Authenticate(ReadOnlySpan<byte> manifest)
    {
        var key = Derive("manifest"u8, [], 32);
        var tag = HMACSHA256.HashData(key, manifest);
        CryptographicOperations.ZeroMemory(key);
        return tag;
    }

    internal AesGcm ObjectCipher(byte[] salt, string name)
    {
        var key = Derive([.. "object "u8, .. Encoding.UTF8.GetBytes(name)], salt, 32);
        var cipher = new AesGcm(key, 16);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_secret);
    }

    private byte[] Derive(ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> salt, int length)
    {
        var output = new byte[length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Secret, output, salt, purpose);
        return output;
    }
}
