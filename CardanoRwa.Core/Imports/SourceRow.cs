using System.Text.Json;

namespace CardanoRwa.Core.Imports;

/// <summary>One record of a file, before it is mapped.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Columns">Names in the file's order.</param>
/// <param name="Values">The same places; text for CSV, JSON for NDJSON.</param>
/// <param name="Fault">Set when the record itself could not be read.</param>
public sealed record SourceRow(int Number, IReadOnlyList<string> Columns, IReadOnlyList<JsonElement> Values, string? Fault = null)
{
    public string? Text(string column)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns[i] == column)
            {
                return Values[i].ValueKind switch
                {
                    JsonValueKind.Undefined or JsonValueKind.Null => null,
                    JsonValueKind.String => Values[i].GetString() is { Length: > 0 } text ? text : null,
                    _ => Values[i].GetRawText(),
                };
            }
        }
        return null;
    }
}
