using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CardanoRwa.Ipfs;

namespace CardanoRwa.Core.Evidence;

/// <summary>
/// Manifests as canonical JSON (RFC 8785: members in order of their names, no blanks), so that anyone who has the entries can
/// make the same bytes. A confidential entry shows its leaf only.
/// </summary>
internal static class ManifestJson
{
    /// <summary>The bytes whose hash is the entry's leaf.</summary>
    public static byte[] Entry(Guid id, DateTimeOffset at, string name, string mediaType, int position, EvidenceContent content, byte[]? salt) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("at", Time(at));
        json.WriteString("cid", content.Cid);
        json.WriteString("id", id);
        json.WriteString("mediaType", mediaType);
        json.WritePropertyName("name");
        json.WriteRawValue(Text(name), skipInputValidation: true);
        json.WriteNumber("position", position);
        if (salt is not null)
        {
            json.WriteString("salt", Convert.ToHexStringLower(salt));
        }
        json.WriteString("sha256", Convert.ToHexStringLower(content.Sha256));
        json.WriteNumber("size", content.Length);
        json.WriteEndObject();
    });

    public static byte[] Entry(EvidenceItem e) => Entry(e.Id, e.CreatedAt, e.Name, e.MediaType, e.Position, e.Content, e.Salt);

    public static byte[] Manifest(Guid assetId, IReadOnlyList<EvidenceItem> entries) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("assetId", assetId);
        json.WriteNumber("count", entries.Count);
        json.WriteStartArray("entries");
        foreach (var e in entries)
        {
            if (e.Confidential)
            {
                json.WriteStartObject();
                json.WriteString("at", Time(e.CreatedAt));
                json.WriteBoolean("confidential", true);
                json.WriteString("id", e.Id);
                json.WriteString("leaf", Convert.ToHexStringLower(e.Leaf));
                json.WriteNumber("position", e.Position);
                json.WriteEndObject();
            }
            else
            {
                json.WriteRawValue(Entry(e), skipInputValidation: true);
            }
        }
        json.WriteEndArray();
        json.WriteString("root", Convert.ToHexStringLower(MerkleTree.Root([.. entries.Select(e => e.Leaf)])));
        json.WriteNumber("version", 1);
        json.WriteEndObject();
    });

    public static string Cid(ReadOnlySpan<byte> bytes)
    {
        var tree = new FileTree(TreeOptions.Version1);
        tree.Append(bytes);
        return tree.Finish().Cid.ToString();
    }

    /// <summary>Only what JSON demands is escaped; the framework's encoders escape more. Names have no control characters.</summary>
    private static string Text(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }
        return buffer.WrittenSpan.ToArray();
    }
}
