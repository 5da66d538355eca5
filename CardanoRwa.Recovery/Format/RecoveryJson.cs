using System.Text.Json;
using System.Text.Json.Serialization;

namespace CardanoRwa.Recovery.Format;

/// <summary>How everything that is JSON in a repository is written: camelCase, enumerations and log positions as text.</summary>
public static class RecoveryJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new LsnConverter() },
    };

    public static JsonSerializerOptions Compact { get; } = new(Options) { WriteIndented = false };

    private sealed class LsnConverter : JsonConverter<Lsn>
    {
        public override Lsn Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Lsn.TryParse(reader.GetString() ?? "", out var lsn) ? lsn : throw new JsonException("Not a log position such as 0/1A2B3C.");

        public override void Write(Utf8JsonWriter writer, Lsn value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
