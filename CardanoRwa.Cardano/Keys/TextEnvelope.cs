using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CardanoRwa.Cardano.Keys;

/// <summary>The JSON files of cardano-cli: <c>{"type": ..., "description": ..., "cborHex": ...}</c>. They carry keys and transactions between machines.</summary>
public sealed record TextEnvelope(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("description")] string Description,
    [property: JsonPropertyName("cborHex")] string CborHex)
{
    private const string Unwitnessed = "Unwitnessed Tx ConwayEra";
    private const string Witnessed = "Witnessed Tx ConwayEra";

    public static TextEnvelope Parse(string json)
    {
        try
        {
            var envelope = JsonSerializer.Deserialize(json, TextEnvelopeJson.Default.TextEnvelope);
            return envelope is { Type: not null, CborHex: not null } ? envelope : throw new FormatException("A text envelope has type and cborHex.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"Not a text envelope: {e.Message}", e);
        }
    }

    public static TextEnvelope Of(Transaction transaction) =>
        new(transaction.Witnesses.VKeys.Count == 0 ? Unwitnessed : Witnessed, "Ledger Cddl Format", Convert.ToHexStringLower(transaction.Bytes.Span));

    public string ToJson() => JsonSerializer.Serialize(this, TextEnvelopeJson.Default.TextEnvelope);

    public Transaction ToTransaction() => Type.Contains("Tx", StringComparison.Ordinal)
        ? Transaction.Decode(Convert.FromHexString(CborHex))
        : throw new FormatException($"'{Type}' is not a transaction.");

    /// <summary>A signing key file, of either form: an ordinary key (32 bytes), or an extended one (64, public key 32, chain code 32).</summary>
    public ISigner ToSigner()
    {
        const int ExtendedSize = 128;
        if (!Type.Contains("SigningKey", StringComparison.Ordinal)) throw new FormatException($"'{Type}' is not a signing key.");
        var cbor = Convert.FromHexString(CborHex);
        try
        {
            var reader = new CborDecoder(cbor);
            var key = reader.ReadDefiniteBytes();
            reader.End();
            if (key.Length == SeedPrivateKey.Size) return new SeedPrivateKey(key);
            if (key.Length != ExtendedSize) throw new FormatException($"A signing key of {key.Length} bytes is of no known form.");
            Span<byte> withoutPublic = stackalloc byte[ExtendedPrivateKey.Size];
            key[..64].CopyTo(withoutPublic);
            key[96..].CopyTo(withoutPublic[64..]);
            var signer = ExtendedPrivateKey.FromBytes(withoutPublic);
            CryptographicOperations.ZeroMemory(withoutPublic);
            return signer;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(cbor);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(TextEnvelope))]
internal sealed partial class TextEnvelopeJson : JsonSerializerContext;
