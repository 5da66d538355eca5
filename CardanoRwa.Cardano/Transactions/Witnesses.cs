namespace CardanoRwa.Cardano.Transactions;

/// <summary>A key's signature over the transaction id.</summary>
public readonly record struct VKeyWitness(PublicKey Key, Ed25519Signature Signature)
{
    /// <summary>Bytes on the wire: <c>[bytes32, bytes64]</c>.</summary>
    public const int EncodedSize = 1 + 2 + PublicKey.Size + 2 + Ed25519Signature.Size;

    public bool Verify(Hash32 transactionId) => Key.Verify(transactionId.Bytes, Signature);
}

/// <summary>The witness of a Byron address; its key hash is found only together with chain code and attributes.</summary>
public sealed record BootstrapWitness(PublicKey Key, Ed25519Signature Signature, Hash32 ChainCode, ReadOnlyMemory<byte> Attributes);
