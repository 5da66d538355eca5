using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Catalogue;

/// <summary>JSON that everyone can read and whose last property, <c>tag</c>, is the HMAC of every byte before it.</summary>
public static class TaggedJson
{
    private static readonly byte[] TagStart = Encoding.ASCII.GetBytes(",\n  \"tag\": \"");
    private static readonly byte[] TagEnd = Encoding.ASCII.GetBytes("\"\n}\n");
    private static readonly JsonSerializerOptions Options = new(RecoveryJson.Options) { NewLine = "\n" };

    public static byte[] ToBytes<T>(T item, DataKey key)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(item, Options);
        var body = json.AsSpan(0, json.Length - "\n}".Length).ToArray();
        return [.. body, .. TagStart, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key.Authenticate(body))), .. TagEnd];
    }

    public static T Parse<T>(string name, byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, RecoveryJson.Options)!;
        }
        catch (JsonException e)
        {
            throw new DamagedObjectException(name, DamageKind.Altered, $"it is no {typeof(T).Name}", e);
        }
    }

    /// <summary>Throws where it is not what the holder of the data key wrote.</summary>
    public static void Authenticate(string name, byte[] bytes, DataKey key)
    {
        var at = bytes.AsSpan().LastIndexOf(TagStart);
        if (at < 0 || bytes.Length != at + TagStart.Length + 64 + TagEnd.Length || !bytes.AsSpan().EndsWith(TagEnd))
        {
            throw new DamagedObjectException(name, DamageKind.Altered, "its authentication tag is missing");
        }
        var tag = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key.Authenticate(bytes.AsSpan(0, at))));
        if (!CryptographicOperations.FixedTimeEquals(tag, bytes.AsSpan(at + TagStart.Length, 64)))
        {
            throw new DamagedObjectException(name, DamageKind.Altered, "it was changed after it was written");
        }
    }
}
