using Npgsql;

namespace CardanoRwa.Recovery.Drills;

/// <param name="Table">Schema and name, quoted as SQL wants it.</param>
/// <param name="Rows">How many.</param>
/// <param name="Hash">The sum of the rows' 64-bit hashes, which does not depend on their order.</param>
public sealed record TableCount(string Table, long Rows, string Hash);

/// <summary>Reads every row of every table of a database, large values included.</summary>
public static class TableCounts
{
    // A row as text looks as these say.
    private const string Settings = "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET bytea_output = 'hex'; SET search_path = pg_catalog; SET statement_timeout = 0; SET jit = off;";

    private const string Tables = """
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
          AND (n.nspname IN ('pg_catalog', 'information_schema')) = $1
        ORDER BY 1
        """;

    public static async Task<IReadOnlyList<string>> ListAsync(NpgsqlConnection connection, bool ofCatalog, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Tables, connection) { Parameters = { new() { Value = ofCatalog } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(reader.GetString(0));
        }
        return tables;
    }

    /// <summary>In the transaction that the connection is in, if any; the session's settings are changed.</summary>
    public static async Task<IReadOnlyList<TableCount>> ReadAsync(NpgsqlConnection connection, bool ofCatalog, CancellationToken cancellationToken)
    {
        await using (var settings = new NpgsqlCommand(Settings, connection))
        {
            await settings.ExecuteNonQueryAsync(cancellationToken);
        }
        var counts = new List<TableCount>();
        foreach (var table in await ListAsync(connection, ofCatalog, cancellationToken))
        {
            await using var command = new NpgsqlCommand($"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM ONLY {table} t", connection) { CommandTimeout = 0 };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            counts.Add(new TableCount(table, reader.GetInt64(0), reader.GetString(1)));
        }
        return counts;
    }
}
