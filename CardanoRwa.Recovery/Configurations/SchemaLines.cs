using Npgsql;

namespace CardanoRwa.Recovery.Configurations;

/// <summary>
/// A database's schema as lines that compare: one for each column, constraint, index and so on, read from the catalogues, in ordinal order and
/// without numbers that differ from cluster to cluster.
/// </summary>
public static class SchemaLines
{
    private const string Query = """
        WITH own AS (
            SELECT n.oid, n.nspname FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
        relation AS (
            SELECT c.oid, c.relkind, c.relpersistence, c.reloptions, format('%I.%I', own.nspname, c.relname) AS name
            FROM pg_class c JOIN own ON own.oid = c.relnamespace
            WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
        SELECT format('extension %s %s', extname, extversion) FROM pg_extension
        UNION ALL SELECT format('schema %I', nspname) FROM own
        UNION ALL
        SELECT format('%s %s%s%s', CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'relation ' || relkind::text END,
                      name, CASE relpersistence WHEN 'u' THEN ' unlogged' ELSE '' END, coalesce(' with ' || array_to_string(reloptions, ', '), ''))
        FROM relation WHERE relkind NOT IN ('i', 'I', 't')
        UNION ALL
        SELECT format('column %s.%I %s%s%s%s', r.name, a.attname, format_type(a.atttypid, a.atttypmod),
                      CASE WHEN a.attcollation <> t.typcollation THEN ' collate ' || co.collname ELSE '' END, CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                      CASE WHEN a.attidentity <> '' THEN ' identity ' || a.attidentity::text WHEN a.attgenerated <> '' THEN ' generated ' || pg_get_expr(d.adbin, d.adrelid)
                           WHEN d.oid IS NOT NULL THEN ' default ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END)
        FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
        UNION ALL
        SELECT format('constraint %s.%I %s', r.name, c.conname, pg_get_constraintdef(c.oid)) FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid WHERE c.contype <> 'n'
        UNION ALL SELECT format('index %s', pg_get_indexdef(r.oid)) FROM relation r WHERE r.relkind IN ('i', 'I')
        UNION ALL SELECT format('trigger %s: %s', r.name, pg_get_triggerdef(t.oid)) FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
        UNION ALL SELECT format('policy %s.%I', r.name, p.polname) FROM pg_policy p JOIN relation r ON r.oid = p.polrelid
        UNION ALL SELECT format('definition %s: %s', r.name, pg_get_viewdef(r.oid)) FROM relation r WHERE r.relkind IN ('v', 'm')
        UNION ALL
        SELECT format('enum %s: %s', format_type(t.oid, NULL), (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
        FROM pg_type t JOIN own ON own.oid = t.typnamespace WHERE t.typtype = 'e'
        UNION ALL
        SELECT format('function %s: %s', p.oid::regprocedure, pg_get_functiondef(p.oid))
        FROM pg_proc p JOIN own ON own.oid = p.pronamespace
        WHERE p.prokind IN ('f', 'p') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        """;

    /// <param name="connection">Any role's: catalogues are open to all.</param>
    /// <param name="migrations">The table of EF's migrations, to say which were applied; passed over where it is not there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<string[]> ReadAsync(NpgsqlConnection connection, string migrations, CancellationToken cancellationToken)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        await AddAsync(Query);
        await using (var ask = new NpgsqlCommand("SELECT to_regclass($1)::text", connection) { Parameters = { new() { Value = migrations } } })
        {
            if (await ask.ExecuteScalarAsync(cancellationToken) is string table)
            {
                await AddAsync($"SELECT 'migration ' || migration_id FROM {table}");
            }
        }
        return [.. lines];

        async Task AddAsync(string sql)
        {
            await using var query = new NpgsqlCommand(sql, connection);
            await using var rows = await query.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                lines.Add(rows.GetString(0).ReplaceLineEndings(" "));
            }
        }
    }
}
