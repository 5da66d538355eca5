using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace CardanoRwa.LoadTest;

/// <summary>What of the registry a campaign asks for, read from its database before it begins.</summary>
internal sealed class Registry(NpgsqlDataSource source, Target api)
{
    private string? _fingerprint;

    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT count(*) FROM assets");
        command.CommandTimeout = 300;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Up to so many rows from all over the table, each once: so many that no cache holds them when their turn comes again.</summary>
    public async Task<List<Row>> SampleAsync(int most, CancellationToken cancellationToken)
    {
        var percent = Math.Min(100, 120.0 * most / Math.Max(1, await CountAsync(cancellationToken)));
        return await RowsAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT id, created_at FROM (SELECT id, created_at FROM assets TABLESAMPLE SYSTEM ({percent}) LIMIT {most}) s ORDER BY md5(id::text)"), cancellationToken);
    }

    /// <summary>The last rows of consecutive pages of twenty, beginning with that page.</summary>
    public Task<List<Row>> PageEndsAsync(long page, int pages, CancellationToken cancellationToken) =>
        RowsAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT id, created_at FROM (SELECT id, created_at, row_number() OVER () AS n FROM (SELECT id, created_at FROM assets ORDER BY created_at DESC, id DESC OFFSET {(page - 1) * 20} LIMIT {pages * 20}) r) s WHERE n % 20 = 0"), cancellationToken);

    /// <summary>
    /// The cursor that the Api would have given out after that row. To a client it is opaque; this program may know that it holds the order, the row's
    /// place in it and what ties it to its filters, of which the Api is asked for an example.
    /// </summary>
    public async Task<string> CursorAsync(Row after, CancellationToken cancellationToken)
    {
        _fingerprint ??= await FingerprintAsync(cancellationToken);
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new[] { "0", after.CreatedAt.Ticks.ToString(CultureInfo.InvariantCulture), after.Id.ToString("N"), _fingerprint }));
    }

    private async Task<string> FingerprintAsync(CancellationToken cancellationToken)
    {
        using var http = api.Client();
        var page = JsonElement.Parse(await http.GetByteArrayAsync(new Uri("/api/v1/assets?limit=1", UriKind.Relative), cancellationToken));
        return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(page.GetProperty("next").GetString()), LoadJson.Default.StringArray)![3];
    }

    private async Task<List<Row>> RowsAsync(string sql, CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 300;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new Row(reader.GetGuid(0), reader.GetDateTime(1)));
        }
        return rows;
    }

    internal readonly record struct Row(Guid Id, DateTime CreatedAt);
}
