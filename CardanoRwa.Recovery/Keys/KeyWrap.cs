using System.Security.Cryptography;
using System.Text;

namespace CardanoRwa.Recovery.Keys;

/// <summary>A data key for one recipient.</summary>
/// <param name="Recipient">The recipient's public key.</param>
/// <param name="Ephemeral">The public half of the key pair made for this wrapping alone: X and Y.</param>
/// <param name="Wrapped">The data key under AES-256-GCM: 32 bytes and the tag.</param>
public sealed record WrappedKey(string Recipient, byte[] Ephemeral, byte[] Wrapped);

/// <summary>
/// Wrapping by public key: ECDH P-256 with an ephemeral key, HKDF-SHA256 (salt: both public keys; info: the data key's id), AES-256-GCM
/// with a zero nonce, since the wrapping key is used once.
/// </summary>
internal static class KeyWrap
{
    private const int TagLength = 16;
    private static ReadOnlySpan<byte> Nonce => new byte[12];

    public static WrappedKey Wrap(DataKey key, Recipient recipient)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var other = recipient.OpenPublic();
        var point = Recipient.Of(ephemeral).Point;
        using var cipher = Cipher(ephemeral, other, point, recipient, key.Id);
        var wrapped = new byte[DataKey.Length + TagLength];
        cipher.Encrypt(Nonce, key.Secret, wrapped.AsSpan(0, DataKey.Length), wrapped.AsSpan(DataKey.Length));
        return new WrappedKey(recipient.ToString(), point, wrapped);
    }

    public static DataKey? Unwrap(ECDiffieHellman identity, Recipient self, string dataKeyId, WrappedKey wrapped)
    {
        if (wrapped.Recipient != self.ToString() || wrapped.Wrapped.Length != DataKey.Length + TagLength || wrapped.Ephemeral.Length != self.Point.Length)
        {
            return null;
        }
        try
        {
            using var ephemeral = Recipient.Of(wrapped.Ephemeral).OpenPublic();
            using var cipher = Cipher(identity, ephemeral, wrapped.Ephemeral, self, dataKeyId);
            var secret = new byte[DataKey.Length];
            cipher.Decrypt(Nonce, wrapped.Wrapped.AsSpan(0, DataKey.Length), wrapped.Wrapped.AsSpan(DataKey.Length), secret);
            var key = new DataKey(secret);
            return key.Id == dataKeyId ? key : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static AesGcm Cipher(ECDiffieHellman own, ECDiffieHellman other, byte[] ephemeralPoint, Recipient recipient, string dataKeyId)
    {
        var shared = own.DeriveRawSecretAgreement(other.PublicKey);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, [.. ephemeralPoint, .. recipient.Point], Encoding.ASCII.GetBytes($"wrap {dataKeyId}"));
        var cipher = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }
}
