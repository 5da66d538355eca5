using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CardanoRwa.Cardano.Keys;

/// <summary>A public key with its chain code: derives soft children without any secret (BIP32-Ed25519).</summary>
public readonly record struct ExtendedPublicKey(PublicKey Key, Hash32 ChainCode)
{
    public const int Size = 64;

    public static ExtendedPublicKey FromBytes(ReadOnlySpan<byte> raw) => raw.Length == Size
        ? new(new PublicKey(raw[..PublicKey.Size]), new Hash32(raw[PublicKey.Size..]))
        : throw new ArgumentException($"An extended public key has {Size} bytes.", nameof(raw));

    public byte[] ToArray() => [.. Key.Bytes, .. ChainCode.Bytes];

    public ExtendedPublicKey Derive(uint index)
    {
        if (index >= DerivationPath.Hardened) throw new ArgumentOutOfRangeException(nameof(index), "A hardened child needs the private key.");
        Span<byte> input = stackalloc byte[1 + PublicKey.Size + 4];
        Key.Bytes.CopyTo(input[1..]);
        BinaryPrimitives.WriteUInt32LittleEndian(input[(1 + PublicKey.Size)..], index);
        Span<byte> z = stackalloc byte[64], chain = stackalloc byte[64];
        input[0] = 2;
        HMACSHA512.HashData(ChainCode.Bytes, input, z);
        input[0] = 3;
        HMACSHA512.HashData(ChainCode.Bytes, input, chain);

        Span<byte> scalar = stackalloc byte[32], point = stackalloc byte[32], child = stackalloc byte[32];
        scalar.Clear();
        var carry = 0;
        for (var i = 0; i < 29; i++)
        {
            carry |= (i < 28 ? z[i] : 0) << 3;
            scalar[i] = (byte)carry;
            carry >>= 8;
        }

        if (Sodium.ScalarMultiplyBase(point, scalar) != 0 || Sodium.PointAdd(child, Key.Bytes, point) != 0) throw new ArgumentException("The key is not a point of the curve.");
        return new ExtendedPublicKey(new PublicKey(child), new Hash32(chain[32..]));
    }
}
