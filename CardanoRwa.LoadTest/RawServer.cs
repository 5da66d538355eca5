using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace CardanoRwa.LoadTest;

/// <summary>
/// The least there can be between HTTP and Postgres: Kestrel, Npgsql with prepared statements, a JSON writer. No credentials, no limits, no telemetry,
/// no entity tag, no key, no audit. Reads and inserts are of the registry's own table.
/// </summary>
internal static class RawServer
{
    public const string DatabaseVariable = "RWA_DATABASE";

    private const string Columns = "id, name, value, currency, value_as_of, kind, jurisdiction, external_id, description, attributes, status, retired_reason, created_at, updated_at, version";

    public static async Task ServeAsync(Uri address, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnectionStringBuilder(Environment.GetEnvironmentVariable(DatabaseVariable) ?? throw new InvalidDataException($"{DatabaseVariable} is not set.")) { MaxAutoPrepare = 20, AutoPrepareMinUsages = 2 };
        await using var source = new NpgsqlDataSourceBuilder(connection.ConnectionString).Build();
        await ConstantServer.ServeAsync(address, context => context.Request.Path.Value switch
        {
            "/insert" => InsertAsync(source, context),
            "/list" => ListAsync(source, context),
            var path => ReadAsync(source, context, Guid.Parse(path.AsSpan("/row/".Length))),
        }, cancellationToken);
    }

    private static async Task ReadAsync(NpgsqlDataSource source, HttpContext context, Guid id)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        await using (var command = source.CreateCommand($"SELECT {Columns} FROM assets WHERE id = $1"))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            using var json = new Utf8JsonWriter(body);
            Write(json, reader);
        }
        await AnswerAsync(context, 200, body.WrittenMemory);
    }

    private static async Task ListAsync(NpgsqlDataSource source, HttpContext context)
    {
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        var before = context.Request.Query["before"].ToString();
        await using (var command = source.CreateCommand(before.Length == 0
            ? $"SELECT {Columns} FROM assets ORDER BY created_at DESC, id DESC LIMIT 21"
            : $"SELECT {Columns} FROM assets WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT 21"))
        {
            if (before.Length > 0)
            {
                command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = new DateTime(long.Parse(before, CultureInfo.InvariantCulture), DateTimeKind.Utc) });
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.Parse(context.Request.Query["id"].ToString()) });
            }
            await using var reader = await command.ExecuteReaderAsync();
            using var json = new Utf8JsonWriter(body);
            json.WriteStartObject();
            json.WriteStartArray("items"u8);
            for (var row = 0; row < 20 && await reader.ReadAsync(); row++)
            {
                Write(json, reader);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        await AnswerAsync(context, 200, body.WrittenMemory);
    }

    private static async Task InsertAsync(NpgsqlDataSource source, HttpContext context)
    {
        using var input = await JsonDocument.ParseAsync(context.Request.Body);
        var (asset, id, now) = (input.RootElement, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        await using (var command = source.CreateCommand(
            "INSERT INTO assets (id, name, value, currency, value_as_of, kind, jurisdiction, attributes, status, created_at, updated_at, version) VALUES ($1, $2, $3, 'USD', $4, $5, $6, '{}', 'active', $7, $7, 1)"))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = asset.GetProperty("name").GetString() });
            command.Parameters.Add(new NpgsqlParameter<decimal> { TypedValue = asset.GetProperty("value").GetDecimal() });
            command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.FromDateTime(now.UtcDateTime) });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = asset.GetProperty("kind").GetString() });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = asset.GetProperty("jurisdiction").GetString() });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
            await command.ExecuteNonQueryAsync();
        }
        var body = new ArrayBufferWriter<byte>(128);
        await using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id);
            json.WriteEndObject();
        }
        await AnswerAsync(context, 201, body.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter json, NpgsqlDataReader row)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, row.GetGuid(0));
        json.WriteString("name"u8, row.GetString(1));
        json.WriteNumber("value"u8, row.GetDecimal(2));
        json.WriteString("currency"u8, row.GetString(3));
        json.WriteString("valueAsOf"u8, row.GetFieldValue<DateOnly>(4).ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("kind"u8, row.GetString(5));
        json.WriteString("jurisdiction"u8, Text(row, 6));
        json.WriteString("externalId"u8, Text(row, 7));
        json.WriteString("description"u8, Text(row, 8));
        json.WritePropertyName("attributes"u8);
        json.WriteRawValue(row.GetString(9), skipInputValidation: true);
        json.WriteString("status"u8, row.GetString(10));
        json.WriteString("retiredReason"u8, Text(row, 11));
        json.WriteString("createdAt"u8, row.GetDateTime(12));
        json.WriteString("updatedAt"u8, row.GetDateTime(13));
        json.WriteNumber("version"u8, row.GetInt32(14));
        json.WriteEndObject();
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static Task AnswerAsync(HttpContext context, int status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }
}
