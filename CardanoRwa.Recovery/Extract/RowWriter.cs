using Npgsql;

namespace CardanoRwa.Recovery.Extract;

/// <summary>Writes rows as INSERT statements. The server makes the literals, so whatever type it has comes out as it reads it back.</summary>
internal sealed class RowWriter(NpgsqlConnection connection, TextWriter output, bool replaces)
{
    /// <returns>How many rows were written.</returns>
    public async Task<long> WriteAsync(string table, TableShape shape, string condition, CancellationToken cancellationToken)
    {
        var values = string.Join(", ", shape.Columns.Select(c => $"quote_nullable({c}::text)"));
        var order = shape.Key.Count > 0 ? $" ORDER BY {string.Join(", ", shape.Key)}" : "";
        await using var query = new NpgsqlCommand($"SELECT $1 || concat_ws(', ', {values}) || $2 FROM {table} WHERE {condition}{order}", connection)
        {
            Parameters =
            {
                new() { Value = $"INSERT INTO {table} ({string.Join(", ", shape.Columns)}){(shape.HasIdentity ? " OVERRIDING SYSTEM VALUE" : "")} VALUES (" },
                new() { Value = $"){OnConflict(shape)};" },
            },
        };
        await using var rows = await query.ExecuteReaderAsync(cancellationToken);
        long count = 0;
        for (; await rows.ReadAsync(cancellationToken); count++)
        {
            // A line feed whatever the machine: psql reads it everywhere, and a file compares.
            await output.WriteAsync($"{rows.GetString(0)}\n".AsMemory(), cancellationToken);
        }
        return count;
    }

    private string OnConflict(TableShape shape)
    {
        var others = shape.Columns.Except(shape.Key, StringComparer.Ordinal).ToList();
        return replaces && shape.Key.Count > 0 && others.Count > 0
            ? $" ON CONFLICT ({string.Join(", ", shape.Key)}) DO UPDATE SET {string.Join(", ", others.Select(c => $"{c} = EXCLUDED.{c}"))}"
            : " ON CONFLICT DO NOTHING";
    }
}
