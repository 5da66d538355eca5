using CardanoRwa.Cardano.Keys;

namespace CardanoRwa.Tests.Cardano;

internal static class KeyVectors
{
    internal static ExtendedPrivateKey Extended(byte[] entropy)
    {
        using var mnemonic = Mnemonic.FromEntropy(entropy);
        using var root = ExtendedPrivateKey.FromMnemonic(mnemonic);
        return root.Derive(DerivationPath.Payment(0, 0));
    }

    internal static byte[] Export(ExtendedPrivateKey key)
    {
        var raw = new byte[ExtendedPrivateKey.Size];
        key.Export(raw);
        return raw;
    }

    internal static byte[] Signing(ExtendedPrivateKey key) => Export(key)[..64];
}
