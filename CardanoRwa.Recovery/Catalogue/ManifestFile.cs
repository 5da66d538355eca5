using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Catalogue;

/// <summary>
/// manifest.json: the manifest, and as its last property <c>tag</c> the HMAC of every byte before that property. Read by anyone, made
/// only by who has the data key.
/// </summary>
public static class ManifestFile
{
    private static readonly byte[] TagStart = Encoding.ASCII.GetBytes(",\n  \"tag\": \"");
    private static readonly byte[] TagEnd = Encoding.ASCII.GetBytes("\"\n}\n");

    public static byte[] ToBytes(BackupManifest manifest, DataKey key)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, Options);
        var body = json.AsSpan(0, json.Length - "\n}".Length).ToArray();
        return [.. body, .. TagStart, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key.Authenticate(body))), .. TagEnd];
    }

    public static BackupManifest Parse(string name, byte[] bytes)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(bytes, RecoveryJson.Options)!;
            return manifest.Version <= BackupManifest.CurrentVersion
                ? manifest
                : throw new DamagedObjectException(name, DamageKind.NotSealed, $"it is of version {manifest.Version}, newer than this program");
        }
        catch (JsonException e)
        {
            throw new DamagedObjectException(name, DamageKind.Altered, "it is no manifest", e);
        }
    }

    /// <summary>Parses it, and throws where it is not what the holder of the data key wrote.</summary>
    public static BackupManifest Authenticate(string name, byte[] bytes, DataKey key)
    {
        var at = bytes.AsSpan().LastIndexOf(TagStart);
        if (at < 0 || bytes.Length != at + TagStart.Length + 64 + TagEnd.Length || !bytes.AsSpan().EndsWith(TagEnd))
        {
            throw new DamagedObjectException(name, DamageKind.Altered, "its authentication tag is missing");
        }
        var tag = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key.Authenticate(bytes.AsSpan(0, at))));
        return CryptographicOperations.FixedTimeEquals(tag, bytes.AsSpan(at + TagStart.Length, 64))
            ? Parse(name, bytes)
            : throw new DamagedObjectException(name, DamageKind.Altered, "it was changed after it was written");
    }

    private static readonly JsonSerializerOptions Options = new(RecoveryJson.Options) { NewLine = "\n" };
}
