using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Catalogue;

/// <summary>
/// manifest.json: the manifest, and as its last property <c>tag</c> the HMAC of every byte before that property. Read by anyone, made
/// only by who has the data key.
/// </summary>
public static class ManifestFile
{
    public static byte[] ToBytes(BackupManifest manifest, DataKey key) => TaggedJson.ToBytes(manifest, key);

    public static BackupManifest Parse(string name, byte[] bytes)
    {
        var manifest = TaggedJson.Parse<BackupManifest>(name, bytes);
        return manifest.Version <= BackupManifest.CurrentVersion
            ? manifest
            : throw new DamagedObjectException(name, DamageKind.NotSealed, $"it is of version {manifest.Version}, newer than this program");
    }

    /// <summary>Parses it, and throws where it is not what the holder of the data key wrote.</summary>
    public static BackupManifest Authenticate(string name, byte[] bytes, DataKey key)
    {
        TaggedJson.Authenticate(name, bytes, key);
        return Parse(name, bytes);
    }
}
