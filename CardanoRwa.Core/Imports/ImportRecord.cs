using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Imports;

/// <summary>A row mapped to an asset's fields and checked.</summary>
public sealed record ImportRecord(int Row, string ExternalId, CreateAsset Asset, string Attributes, DateOnly? AsOf, byte[] Hash)
{
    public static Result<ImportRecord> From(SourceRow row, ImportMapping mapping, DateOnly today)
    {
        if (row.Fault is not null)
        {
            return Faulty("row_malformed", $"The row {row.Fault}.");
        }
        if (mapping.Text("externalId", row) is not { } externalId)
        {
            return Faulty("external_id_missing", "The row has no externalId.");
        }
        DateOnly? asOf = null;
        if (mapping.Text("asOf", row) is { } asOfText)
        {
            if (!DateOnly.TryParseExact(asOfText, mapping.AsOfFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                return Faulty("as_of_malformed", $"asOf is not a date of the form '{mapping.AsOfFormat}'.");
            }
            if (day > today.AddDays(1))
            {
                return Faulty("as_of_in_future", "asOf lies in the future.");
            }
            asOf = day;
        }
        if (!decimal.TryParse(mapping.Text("value", row), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value))
        {
            return Faulty("value_malformed", "value is not a decimal number.");
        }
        var asset = new CreateAsset(
            mapping.Text("name", row), value, mapping.Text("currency", row), mapping.Text("kind", row),
            mapping.Text("jurisdiction", row), externalId, mapping.Text("description", row));
        var attributes = WriteAttributes(row, mapping);
        var refusal = (asset with { Attributes = JsonElement.Parse(attributes.Span) }).Validate();
        return refusal is null
            ? new ImportRecord(row.Number, externalId, asset, Encoding.UTF8.GetString(attributes.Span), asOf, Fingerprint(asset, attributes.Span, asOf))
            : Faulty("validation_failed", string.Join("; ", refusal.Errors!.Select(e => $"{e.Key} {e.Value[0]}")));
    }

    private static Refusal Faulty(string code, string detail) => new(RefusalKind.Invalid, code, detail, "Correct the row and send the file again; rows already taken in stay as they are.");

    private static ReadOnlyMemory<byte> WriteAttributes(SourceRow row, ImportMapping mapping)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        for (var i = 0; i < row.Columns.Count; i++)
        {
            var empty = row.Values[i].ValueKind is JsonValueKind.Null or JsonValueKind.Undefined
                || row.Values[i].ValueKind == JsonValueKind.String && row.Values[i].ValueEquals(""u8);
            if (!empty && mapping.IsAttribute(row.Columns[i]))
            {
                json.WritePropertyName(row.Columns[i]);
                row.Values[i].WriteTo(json);
            }
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static byte[] Fingerprint(CreateAsset asset, ReadOnlySpan<byte> attributes, DateOnly? asOf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(asset, RegistryJson.Default.CreateAsset));
        hash.AppendData(Encoding.UTF8.GetBytes(asOf?.ToString("O", CultureInfo.InvariantCulture) ?? "-"));
        hash.AppendData(attributes);
        return hash.GetHashAndReset();
    }
}
