using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CardanoRwa.Cardano.Keys;

/// <summary>
/// A BIP32-Ed25519 key: kL and kR (the signing key) and a chain code, 96 bytes. Pinned, so that the collector leaves no
/// copies, and zeroed on dispose. Signing is libsodium's, in constant time.
/// </summary>
public sealed class ExtendedPrivateKey : ISigner, IDisposable
{
    public const int Size = 96;
    private const int SigningSize = 64;

    private readonly byte[] bytes;

    private ExtendedPrivateKey(byte[] pinned)
    {
        bytes = pinned;
        Span<byte> point = stackalloc byte[PublicKey.Size];
        if (Sodium.ScalarMultiplyBase(point, bytes.AsSpan(0, 32)) != 0) throw new ArgumentException("Not a signing key: its scalar is zero.", nameof(pinned));
        PublicKey = new PublicKey(point);
    }

    public PublicKey PublicKey { get; }

    /// <summary>What can be shown to others: it derives the public keys of every soft child.</summary>
    public ExtendedPublicKey ExtendedPublicKey => new(PublicKey, new Hash32(ChainCode));

    private ReadOnlySpan<byte> ChainCode => bytes.AsSpan(SigningSize);

    /// <summary>kL, kR and chain code. The copy is the caller's to zero.</summary>
    public void Export(Span<byte> destination) => bytes.CopyTo(destination);

    public static ExtendedPrivateKey FromBytes(ReadOnlySpan<byte> raw)
    {
        if (raw.Length != Size) throw new ArgumentException($"An extended private key has {Size} bytes.", nameof(raw));
        var copy = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
        raw.CopyTo(copy);
        return new ExtendedPrivateKey(copy);
    }

    /// <summary>The master key of CIP-3, Icarus. The passphrase is the optional second factor.</summary>
    public static ExtendedPrivateKey FromMnemonic(Mnemonic mnemonic, string passphrase = "")
    {
        const int Iterations = 4096;
        var key = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
        var password = Encoding.UTF8.GetBytes(passphrase);
        Rfc2898DeriveBytes.Pbkdf2(password, mnemonic.Entropy, key, Iterations, HashAlgorithmName.SHA512);
        CryptographicOperations.ZeroMemory(password);
        key[0] &= 0b1111_1000;
        key[31] &= 0b0001_1111;
        key[31] |= 0b0100_0000;
        return new ExtendedPrivateKey(key);
    }

    public ExtendedPrivateKey Derive(DerivationPath path)
    {
        var key = FromBytes(bytes);
        foreach (var index in path.Indexes)
        {
            var child = key.Derive(index);
            key.Dispose();
            key = child;
        }

        return key;
    }

    /// <summary>A child key; an index from <see cref="DerivationPath.Hardened"/> on needs the private key, one below does not.</summary>
    public ExtendedPrivateKey Derive(uint index)
    {
        var hardened = index >= DerivationPath.Hardened;
        Span<byte> input = stackalloc byte[1 + SigningSize + 4];
        var material = hardened ? bytes.AsSpan(0, SigningSize) : PublicKey.Bytes;
        material.CopyTo(input[1..]);
        BinaryPrimitives.WriteUInt32LittleEndian(input[(1 + material.Length)..], index);
        input = input[..(1 + material.Length + 4)];
        Span<byte> z = stackalloc byte[64], chain = stackalloc byte[64];
        input[0] = hardened ? (byte)0 : (byte)2;
        HMACSHA512.HashData(ChainCode, input, z);
        input[0] = hardened ? (byte)1 : (byte)3;
        HMACSHA512.HashData(ChainCode, input, chain);

        var child = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
        AddScaled(bytes.AsSpan(0, 32), z[..28], 3, child);
        AddScaled(bytes.AsSpan(32, 32), z[32..], 0, child.AsSpan(32));
        chain[32..].CopyTo(child.AsSpan(SigningSize));
        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(z);
        CryptographicOperations.ZeroMemory(chain);
        return new ExtendedPrivateKey(child);
    }

    /// <summary>Ed25519 with the hash half of the key given instead of expanded from a seed; any Ed25519 verifier accepts it.</summary>
    public Ed25519Signature Sign(ReadOnlySpan<byte> message)
    {
        Span<byte> wide = stackalloc byte[64], r = stackalloc byte[32], k = stackalloc byte[32], signature = stackalloc byte[Ed25519Signature.Size];
        Sha512(bytes.AsSpan(32, 32), message, [], wide);
        Sodium.ScalarReduce(r, wide);
        _ = Sodium.ScalarMultiplyBase(signature, r);
        Sha512(signature[..32], PublicKey.Bytes, message, wide);
        Sodium.ScalarReduce(k, wide);
        Sodium.ScalarMultiply(k, k, bytes.AsSpan(0, 32));
        Sodium.ScalarAdd(signature[32..], k, r);
        CryptographicOperations.ZeroMemory(wide);
        CryptographicOperations.ZeroMemory(r);
        CryptographicOperations.ZeroMemory(k);
        return new Ed25519Signature(signature);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);

    // sum = left + (right << shift) mod 2^256, little-endian, without branches on the secret.
    private static void AddScaled(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int shift, Span<byte> sum)
    {
        uint carry = 0, spill = 0;
        for (var i = 0; i < 32; i++)
        {
            var scaled = (i < right.Length ? (uint)right[i] << shift : 0) | spill;
            spill = scaled >> 8;
            carry += left[i] + (scaled & 0xff);
            sum[i] = (byte)carry;
            carry >>= 8;
        }
    }

    private static void Sha512(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, Span<byte> hash)
    {
        const int StateSize = 208;
        Span<byte> state = stackalloc byte[StateSize];
        _ = Sodium.Sha512Init(state);
        _ = Sodium.Sha512Update(state, first, (ulong)first.Length);
        _ = Sodium.Sha512Update(state, second, (ulong)second.Length);
        _ = Sodium.Sha512Update(state, third, (ulong)third.Length);
        _ = Sodium.Sha512Final(state, hash);
    }
}
