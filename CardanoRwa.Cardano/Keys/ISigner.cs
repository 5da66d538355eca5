namespace CardanoRwa.Cardano.Keys;

/// <summary>Something that signs: a key in memory, or one kept in a device or service.</summary>
public interface ISigner
{
    PublicKey PublicKey { get; }
    Ed25519Signature Sign(ReadOnlySpan<byte> message);
}
