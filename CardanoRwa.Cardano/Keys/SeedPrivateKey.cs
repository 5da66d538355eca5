using System.Security.Cryptography;

namespace CardanoRwa.Cardano.Keys;

/// <summary>An ordinary Ed25519 key from a 32-byte seed, as in cardano-cli's <c>PaymentSigningKeyShelley_ed25519</c> files. Zeroed on dispose.</summary>
public sealed class SeedPrivateKey : ISigner, IDisposable
{
    public const int Size = 32;
    private const int SecretSize = 64;

    private readonly byte[] secret = GC.AllocateUninitializedArray<byte>(SecretSize, pinned: true);

    public SeedPrivateKey(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Size) throw new ArgumentException($"A seed has {Size} bytes.", nameof(seed));
        Span<byte> key = stackalloc byte[PublicKey.Size];
        _ = Sodium.SeedKeyPair(key, secret, seed);
        PublicKey = new PublicKey(key);
    }

    public PublicKey PublicKey { get; }

    public Ed25519Signature Sign(ReadOnlySpan<byte> message)
    {
        Span<byte> signature = stackalloc byte[Ed25519Signature.Size];
        _ = Sodium.Sign(signature, 0, message, (ulong)message.Length, secret);
        return new Ed25519Signature(signature);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(secret);
}
