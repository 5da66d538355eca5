using System.Runtime.CompilerServices;
using System.Text.Json;
using CardanoRwa.Core.Text;
using Sylvan.Data.Csv;

namespace CardanoRwa.Core.Imports;

/// <summary>Reads files record by record, in flat memory.</summary>
public static class ImportReaders
{
    private const int LongestRecord = 1024 * 1024;

    /// <summary>RFC 4180 with a header row, UTF-8.</summary>
    public static async IAsyncEnumerable<SourceRow> Csv(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new StreamReader(stream, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        await using var csv = await CsvDataReader.CreateAsync(text, new CsvDataReaderOptions { BufferSize = 64 * 1024, MaxBufferSize = LongestRecord, ResultSetMode = ResultSetMode.SingleResult }, cancellationToken);
        var columns = Enumerable.Range(0, csv.FieldCount).Select(csv.GetName).ToArray();
        var number = 0;
        while (await csv.ReadAsync(cancellationToken))
        {
            number++;
            if (csv.RowFieldCount != columns.Length)
            {
                yield return new SourceRow(number, columns, [], $"has {csv.RowFieldCount} fields where the header has {columns.Length}");
                continue;
            }
            var values = new JsonElement[columns.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Typed(csv.GetString(i));
            }
            yield return new SourceRow(number, columns, values);
        }
    }

    /// <summary>One JSON object a line, UTF-8.</summary>
    public static async IAsyncEnumerable<SourceRow> NdJson(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new StreamReader(stream, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        var lines = new LineReader(text, LongestRecord);
        var number = 0;
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return Parse(line, ++number);
            }
        }
    }

    private static SourceRow Parse(string line, int number)
    {
        try
        {
            var json = JsonElement.Parse(line, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            if (json.ValueKind != JsonValueKind.Object)
            {
                return new SourceRow(number, [], [], "is not a JSON object");
            }
            if (JsonLimits.Fault(json) is { } fault)
            {
                return new SourceRow(number, [], [], fault);
            }
            var members = json.EnumerateObject().ToList();
            return new SourceRow(number, [.. members.Select(m => m.Name)], [.. members.Select(m => m.Value)]);
        }
        catch (JsonException)
        {
            return new SourceRow(number, [], [], "is not valid JSON");
        }
    }

    /// <summary>CSV has no types: what JSON would read as a number is one, except where digits are an identifier (leading zeros, over 15 digits).</summary>
    private static JsonElement Typed(string text)
    {
        if (text.Length is > 0 and <= 15 && (char.IsAsciiDigit(text[0]) || text[0] == '-'))
        {
            try
            {
                return JsonElement.Parse(text);
            }
            catch (JsonException)
            {
                // '007' or '12-4': text.
            }
        }
        return JsonSerializer.SerializeToElement(text);
    }
}
