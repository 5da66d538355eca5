using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Catalogue;

/// <summary>
/// Which file's bytes lie where. Names and lengths only, so it is not encrypted: a worker without private keys needs its parent's.
/// The manifest holds its hash, and is itself authenticated.
/// </summary>
public sealed record FileIndex(IReadOnlyList<string> Directories, IReadOnlyList<IndexedFile> Files)
{
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(gzip, this, RecoveryJson.Compact);
        }
        return bytes.ToArray();
    }

    public static FileIndex Parse(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<FileIndex>(gzip, RecoveryJson.Compact)!;
    }
}

/// <summary>A file of the cluster, relative to its data directory.</summary>
/// <param name="Path">With '/'.</param>
/// <param name="Length">Its length when restored; what no extent covers is zeros, or the parent's where <paramref name="IsPartial"/>.</param>
/// <param name="IsPartial">Bytes outside the extents are those of the same file in the parent.</param>
/// <param name="Sum">Sum modulo 2^64 of each extent's XXH3-64 seeded with its offset in the file, in hex.</param>
/// <param name="Extents">In ascending order of their offset in the file.</param>
public sealed record IndexedFile(
    [property: JsonPropertyName("p")] string Path,
    [property: JsonPropertyName("n")] long Length,
    [property: JsonPropertyName("d"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsPartial,
    [property: JsonPropertyName("h")] string Sum,
    [property: JsonPropertyName("x")] IReadOnlyList<Extent> Extents);

/// <summary>Bytes of a file, written as <c>[offset, length, number of the data object, position in its plain bytes]</c>.</summary>
[JsonConverter(typeof(ExtentConverter))]
public readonly record struct Extent(long Offset, long Length, int Number, long Position)
{
    public long End => Offset + Length;
}

internal sealed class ExtentConverter : JsonConverter<Extent>
{
    public override Extent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<long> values = stackalloc long[4];
        foreach (ref var value in values)
        {
            reader.Read();
            value = reader.GetInt64();
        }
        reader.Read();
        return reader.TokenType == JsonTokenType.EndArray ? new Extent(values[0], values[1], (int)values[2], values[3]) : throw new JsonException("An extent is four numbers.");
    }

    public override void Write(Utf8JsonWriter writer, Extent value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Offset);
        writer.WriteNumberValue(value.Length);
        writer.WriteNumberValue(value.Number);
        writer.WriteNumberValue(value.Position);
        writer.WriteEndArray();
    }
}
