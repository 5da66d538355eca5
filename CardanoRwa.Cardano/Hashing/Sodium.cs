using System.Runtime.InteropServices;

namespace CardanoRwa.Cardano.Hashing;

/// <summary>The functions of libsodium that this library calls. The native library comes with NSec.Cryptography.</summary>
internal static partial class Sodium
{
    private const string Library = "libsodium";

    static Sodium()
    {
        if (Init() < 0) throw new InvalidOperationException("libsodium did not initialize.");
    }

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Init();

    [LibraryImport(Library, EntryPoint = "crypto_generichash")]
    internal static partial int Blake2b(Span<byte> hash, nuint hashLength, ReadOnlySpan<byte> message, ulong messageLength, nint key, nuint keyLength);

    [LibraryImport(Library, EntryPoint = "crypto_hash_sha512_init")]
    internal static partial int Sha512Init(Span<byte> state);

    [LibraryImport(Library, EntryPoint = "crypto_hash_sha512_update")]
    internal static partial int Sha512Update(Span<byte> state, ReadOnlySpan<byte> message, ulong messageLength);

    [LibraryImport(Library, EntryPoint = "crypto_hash_sha512_final")]
    internal static partial int Sha512Final(Span<byte> state, Span<byte> hash);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_ed25519_base_noclamp")]
    internal static partial int ScalarMultiplyBase(Span<byte> point, ReadOnlySpan<byte> scalar);

    [LibraryImport(Library, EntryPoint = "crypto_core_ed25519_scalar_reduce")]
    internal static partial void ScalarReduce(Span<byte> reduced, ReadOnlySpan<byte> wide);

    [LibraryImport(Library, EntryPoint = "crypto_core_ed25519_scalar_mul")]
    internal static partial void ScalarMultiply(Span<byte> product, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    [LibraryImport(Library, EntryPoint = "crypto_core_ed25519_scalar_add")]
    internal static partial void ScalarAdd(Span<byte> sum, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    [LibraryImport(Library, EntryPoint = "crypto_core_ed25519_add")]
    internal static partial int PointAdd(Span<byte> sum, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    [LibraryImport(Library, EntryPoint = "crypto_sign_verify_detached")]
    internal static partial int Verify(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> publicKey);

    [LibraryImport(Library, EntryPoint = "crypto_sign_seed_keypair")]
    internal static partial int SeedKeyPair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library, EntryPoint = "crypto_sign_detached")]
    internal static partial int Sign(Span<byte> signature, nint length, ReadOnlySpan<byte> message, ulong messageLength, ReadOnlySpan<byte> secretKey);
}
