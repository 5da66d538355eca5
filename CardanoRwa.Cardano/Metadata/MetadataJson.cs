using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CardanoRwa.Cardano.Metadata;

/// <summary>
/// Metadata as plain JSON, the way cardano-cli (no schema), db-sync and Blockfrost show it: bytes as <c>0x</c> and hex,
/// map keys as strings.
/// </summary>
public static class MetadataJson
{
    private const string BytesPrefix = "0x";
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static string Format(Metadatum value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = CborDecoder.MaxDepth * 2, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) Write(writer, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(Utf8JsonWriter writer, Metadatum value)
    {
        switch (value)
        {
            case MetadataInteger integer:
                writer.WriteRawValue(integer.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case MetadataBytes or MetadataText:
                writer.WriteStringValue(AsString(value));
                break;
            case MetadataList list:
                writer.WriteStartArray();
                foreach (var item in list.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            case MetadataMap map:
                writer.WriteStartObject();
                foreach (var (key, item) in map.Entries)
                {
                    writer.WritePropertyName(AsString(key));
                    Write(writer, item);
                }

                writer.WriteEndObject();
                break;
        }
    }

    /// <summary>Strings and keys that start with <c>0x</c> and are hex become bytes; keys that are numbers become integers.</summary>
    /// <exception cref="FormatException">Null, booleans and fractions cannot stand in metadata.</exception>
    public static Metadatum Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = CborDecoder.MaxDepth });
            return Read(document.RootElement, "$");
        }
        catch (JsonException e)
        {
            throw new FormatException($"Not JSON: {e.Message}", e);
        }
    }

    public static Metadatum Read(JsonElement json) => Read(json, "$");

    private static Metadatum Read(JsonElement json, string path) => json.ValueKind switch
    {
        JsonValueKind.String => FromString(json.GetString()!),
        JsonValueKind.Number => Int128.TryParse(json.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new MetadataInteger(number)
            : throw new FormatException($"{path}: metadata has no fractions; write {json.GetRawText()} as text."),
        JsonValueKind.Array => new MetadataList([.. json.EnumerateArray().Select((item, i) => Read(item, $"{path}[{i}]"))]),
        JsonValueKind.Object => new MetadataMap([.. json.EnumerateObject().Select(p => KeyValuePair.Create(FromKey(p.Name), Read(p.Value, $"{path}.{p.Name}")))]),
        _ => throw new FormatException($"{path}: metadata has no {json.ValueKind}; leave it out or write text."),
    };

    private static Metadatum FromKey(string key) =>
        Int128.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == key
            ? new MetadataInteger(number)
            : FromString(key);

    private static Metadatum FromString(string text) =>
        text.StartsWith(BytesPrefix, StringComparison.Ordinal) && text.Length % 2 == 0 && !text.AsSpan(2).ContainsAnyExcept(HexDigits)
            ? new MetadataBytes(Convert.FromHexString(text.AsSpan(2)))
            : text;

    private static string AsString(Metadatum value) => value switch
    {
        MetadataText text => text.Value,
        MetadataBytes bytes => BytesPrefix + Convert.ToHexStringLower(bytes.Value.Span),
        MetadataInteger integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        _ => Format(value),
    };
}
