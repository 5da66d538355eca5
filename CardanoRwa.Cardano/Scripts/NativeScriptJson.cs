using System.Buffers;
using System.Text;
using System.Text.Json;

namespace CardanoRwa.Cardano.Scripts;

/// <summary>The JSON of cardano-cli: sig, all, any, atLeast, after, before.</summary>
internal static class NativeScriptJson
{
    internal static NativeScript Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = CborDecoder.MaxDepth });
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"Not a native script in JSON: {e.Message}", e);
        }
    }

    internal static string Format(NativeScript script)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = CborDecoder.MaxDepth * 2 })) Write(writer, script);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static NativeScript Read(JsonElement json) => json.GetProperty("type").GetString() switch
    {
        "sig" => new RequireSignature(Hash28.Parse(json.GetProperty("keyHash").GetString()!)),
        "all" => new RequireAll(ReadItems(json)),
        "any" => new RequireAny(ReadItems(json)),
        "atLeast" => new RequireAtLeast(json.GetProperty("required").GetInt64(), ReadItems(json)),
        "after" => new RequireAfter(json.GetProperty("slot").GetUInt64()),
        "before" => new RequireBefore(json.GetProperty("slot").GetUInt64()),
        var type => throw new FormatException($"Unknown native script type '{type}': sig, all, any, atLeast, after or before."),
    };

    private static NativeScript[] ReadItems(JsonElement json) => [.. json.GetProperty("scripts").EnumerateArray().Select(Read)];

    private static void Write(Utf8JsonWriter writer, NativeScript script)
    {
        writer.WriteStartObject();
        switch (script)
        {
            case RequireSignature signature:
                writer.WriteString("type", "sig");
                writer.WriteString("keyHash", signature.KeyHash.ToString());
                break;
            case RequireAll all:
                WriteItems(writer, "all", all.Scripts);
                break;
            case RequireAny any:
                WriteItems(writer, "any", any.Scripts);
                break;
            case RequireAtLeast atLeast:
                writer.WriteNumber("required", atLeast.Required);
                WriteItems(writer, "atLeast", atLeast.Scripts);
                break;
            case RequireAfter after:
                writer.WriteString("type", "after");
                writer.WriteNumber("slot", after.Slot);
                break;
            case RequireBefore before:
                writer.WriteString("type", "before");
                writer.WriteNumber("slot", before.Slot);
                break;
        }

        writer.WriteEndObject();
    }

    private static void WriteItems(Utf8JsonWriter writer, string type, IReadOnlyList<NativeScript> scripts)
    {
        writer.WriteString("type", type);
        writer.WriteStartArray("scripts");
        foreach (var script in scripts) Write(writer, script);
        writer.WriteEndArray();
    }
}
