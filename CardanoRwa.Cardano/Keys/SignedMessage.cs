namespace CardanoRwa.Cardano.Keys;

/// <summary>
/// A message signed by a wallet: the COSE_Sign1 of CIP-8, with the COSE_Key that CIP-30's signData gives beside it.
/// </summary>
public sealed record SignedMessage(Address? Address, PublicKey? KeyId, byte[] Payload, bool PayloadIsHash, byte[] ProtectedHeader, Ed25519Signature Signature)
{
    private const long EdDsa = -8;
    private const string Context = "Signature1";

    /// <exception cref="CborFormatException">The bytes are not a COSE_Sign1 signed with EdDSA.</exception>
    public static SignedMessage Decode(ReadOnlySpan<byte> coseSign1)
    {
        var reader = new CborDecoder(coseSign1);
        reader.TryReadTag(CborTag.CoseSign1);
        var fields = reader.ReadRecord(4);
        var protectedHeader = reader.ReadBytes().ToArray();
        var header = CoseHeader.Read(protectedHeader);
        var hashed = CoseHeader.ReadUnprotected(ref reader).Hashed;
        var payload = reader.TryReadNull() ? [] : reader.ReadBytes().ToArray();
        var signature = new Ed25519Signature(reader.ReadFixedBytes(Ed25519Signature.Size));
        reader.EndRecord(fields);
        reader.End();
        if (header.Algorithm != EdDsa) throw reader.Error("Signed with another algorithm than EdDSA");
        PublicKey? keyId = header.KeyId is { Length: PublicKey.Size } id ? new PublicKey(id) : null;
        var address = header.Address is null ? null : Address.TryFromBytes(header.Address, out var parsed) ? parsed : throw reader.Error("Header 'address' is not an address");
        return new SignedMessage(address, keyId, payload, hashed, protectedHeader, signature);
    }

    /// <summary>Signs as a CIP-30 wallet does.</summary>
    public static byte[] Sign(ISigner signer, Address address, ReadOnlySpan<byte> payload)
    {
        var header = CoseHeader.Write(address);
        var signature = signer.Sign(ToBeSigned(header, payload));
        using var encoder = CborEncoder.Rent();
        encoder.WriteArray(4);
        encoder.WriteBytes(header);
        encoder.WriteMap(1);
        encoder.WriteText("hashed");
        encoder.WriteBoolean(false);
        encoder.WriteBytes(payload);
        encoder.WriteBytes(signature.Bytes);
        return encoder.Written.ToArray();
    }

    /// <summary>Whether <paramref name="key"/> signed this and, where the message names an address, that address belongs to the key.</summary>
    public bool Verify(PublicKey key) => Key(key) && key.Verify(ToBeSigned(ProtectedHeader, Payload), Signature);

    /// <summary>As <see cref="Verify(PublicKey)"/>, with the key in the COSE_Key, for this message and this address and no other.</summary>
    public bool Verify(ReadOnlySpan<byte> coseKey, Address expectedAddress, ReadOnlySpan<byte> expectedMessage)
    {
        Span<byte> hash = stackalloc byte[Hash28.Size];
        Blake2b.Hash(expectedMessage, hash);
        return expectedAddress.Equals(Address) && Payload.AsSpan().SequenceEqual(PayloadIsHash ? hash : expectedMessage) && Verify(CoseHeader.ReadKey(coseKey));
    }

    // A Byron address hides its key behind a chain code, and a script has none: neither can be tied to a key here.
    private bool Key(PublicKey key) => Address is null || (Address.Payment ?? Address.Stake) is { IsScript: false } credential && credential.Hash == key.Hash;

    private static byte[] ToBeSigned(ReadOnlySpan<byte> protectedHeader, ReadOnlySpan<byte> payload)
    {
        using var encoder = CborEncoder.Rent();
        encoder.WriteArray(4);
        encoder.WriteText(Context);
        encoder.WriteBytes(protectedHeader);
        encoder.WriteBytes([]);
        encoder.WriteBytes(payload);
        return encoder.Written.ToArray();
    }
}
