using Npgsql;

namespace CardanoRwa.Recovery.Logical;

/// <summary>How many rows each table of a database has, as one snapshot sees it. Lies in a dump beside pg_dump's files, sealed like them.</summary>
internal static class RowCounts
{
    public const string FileName = "rows.json";

    // What pg_dump brings the data of: no system catalogue, no table that an extension made, no parent of partitions.
    private const string TablesQuery = """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 1
        """;

    /// <summary>Schema and table, quoted where need be, with the number of rows.</summary>
    public static async Task<SortedDictionary<string, long>> ReadAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken)
    {
        // With nothing on the path, every name is written with its schema.
        await using (var path = new NpgsqlCommand("SET search_path = ''", connection, transaction))
        {
            await path.ExecuteNonQueryAsync(cancellationToken);
        }
        var tables = new List<string>();
        await using (var list = new NpgsqlCommand(TablesQuery, connection, transaction))
        {
            await using var rows = await list.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                tables.Add(rows.GetString(0));
            }
        }
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            await using var count = new NpgsqlCommand($"SELECT count(*) FROM ONLY {table}", connection, transaction);
            counts[table] = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        }
        return counts;
    }

    /// <summary>One line for each table that does not have as many rows as it should.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyDictionary<string, long> expected, IReadOnlyDictionary<string, long> found) =>
    [
        .. expected.Keys.Union(found.Keys).Order(StringComparer.Ordinal)
            .Where(t => !expected.TryGetValue(t, out var a) || !found.TryGetValue(t, out var b) || a != b)
            .Select(t => $"{t}: {(expected.TryGetValue(t, out var a) ? $"{a} rows" : "no such table")} backed up, {(found.TryGetValue(t, out var b) ? $"{b} rows" : "no such table")} restored"),
    ];
}
