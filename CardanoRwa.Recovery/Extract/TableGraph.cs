using Npgsql;

namespace CardanoRwa.Recovery.Extract;

/// <summary>A foreign key; columns in the order of each other.</summary>
internal sealed record Reference(string Child, IReadOnlyList<string> Columns, string Parent, IReadOnlyList<string> Key);

/// <summary>What must be known of a table to write its rows.</summary>
/// <param name="Columns">Those that can be written: no generated ones.</param>
/// <param name="Key">The primary key; empty where there is none.</param>
/// <param name="HasIdentity">A column is numbered by the server always, unless it is told otherwise.</param>
internal sealed record TableShape(IReadOnlyList<string> Columns, IReadOnlyList<string> Key, bool HasIdentity);

/// <summary>A database's tables and how they refer to each other, read from its catalogues. All names are quoted and have their schema.</summary>
internal sealed class TableGraph(NpgsqlConnection connection)
{
    private const string ReferencesQuery = """
        SELECT format('%I.%I', cn.nspname, c.relname), format('%I.%I', pn.nspname, p.relname),
               ARRAY(SELECT quote_ident(a.attname) FROM unnest(f.conkey) WITH ORDINALITY k(n, o) JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.n ORDER BY k.o),
               ARRAY(SELECT quote_ident(a.attname) FROM unnest(f.confkey) WITH ORDINALITY k(n, o) JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.n ORDER BY k.o)
        FROM pg_constraint f
        JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
        JOIN pg_class p ON p.oid = f.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE f.contype = 'f' AND f.conparentid = 0
        ORDER BY 1, 2, f.conname
        """;

    private const string ShapeQuery = """
        SELECT ARRAY(SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum),
               ARRAY(SELECT quote_ident(a.attname) FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(n, o), pg_attribute a
                     WHERE i.indrelid = t.oid AND i.indisprimary AND a.attrelid = t.oid AND a.attnum = k.n ORDER BY k.o),
               EXISTS (SELECT FROM pg_attribute WHERE attrelid = t.oid AND attidentity = 'a' AND NOT attisdropped)
        FROM (SELECT to_regclass($1) AS oid) t
        """;

    /// <summary>The table's full name; null where there is none of that name.</summary>
    public async Task<string?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')", connection)
        {
            Parameters = { new() { Value = name } },
        };
        return (string?)await ask.ExecuteScalarAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Reference>> ReferencesAsync(CancellationToken cancellationToken)
    {
        var references = new List<Reference>();
        await using var ask = new NpgsqlCommand(ReferencesQuery, connection);
        await using var rows = await ask.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            references.Add(new Reference(rows.GetString(0), rows.GetFieldValue<string[]>(2), rows.GetString(1), rows.GetFieldValue<string[]>(3)));
        }
        return references;
    }

    public async Task<TableShape> ShapeAsync(string table, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand(ShapeQuery, connection) { Parameters = { new() { Value = table } } };
        await using var row = await ask.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new TableShape(row.GetFieldValue<string[]>(0), row.GetFieldValue<string[]>(1), row.GetBoolean(2));
    }
}
