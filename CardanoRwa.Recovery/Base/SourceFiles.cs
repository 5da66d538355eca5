using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>The files of a cluster, listed by one recursive query.</summary>
internal static class SourceFiles
{
    private const string Query = """
        WITH RECURSIVE entry(path, size, isdir) AS (
            SELECT name, s.size, s.isdir FROM pg_ls_dir('.', true, false) name, pg_stat_file(name, true) s
            UNION ALL
            SELECT e.path || '/' || name, s.size, s.isdir
            FROM entry e, pg_ls_dir(e.path, true, false) name, pg_stat_file(e.path || '/' || name, true) s
            WHERE e.isdir AND e.path !~ '^(pg_wal|pg_replslot|pg_stat_tmp|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_subtrans)$'
              AND e.path !~ '(^|/)pgsql_tmp[^/]*$' AND (e.path !~ '^pg_tblspc/\d+/.' OR e.path ~ $1))
        SELECT path, size, isdir FROM entry WHERE isdir IS NOT NULL ORDER BY path COLLATE "C"
        """;

    /// <summary>Directories and files, without what a backup leaves out. A file that vanished between its name and its length is left out too.</summary>
    public static async Task<(List<string> Directories, List<SourceFile> Files)> ListAsync(NpgsqlConnection connection, int major, CancellationToken cancellationToken)
    {
        var directories = new List<string>();
        var files = new List<SourceFile>();
        await using var command = new NpgsqlCommand(Query, connection) { Parameters = { new() { Value = $@"^pg_tblspc/\d+/PG_{major}_" } } };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var path = rows.GetString(0);
            if (!rows.GetBoolean(2))
            {
                if (!FileRules.IsSkipped(path))
                {
                    files.Add(new SourceFile(path, rows.GetInt64(1), FileRules.Relation(path)));
                }
            }
            else if (!path.Split('/')[^1].StartsWith("pgsql_tmp", StringComparison.Ordinal) && (path.Split('/') is not ["pg_tblspc", _, ..] || FileRules.IsEntered(path, major)))
            {
                directories.Add(path);
            }
        }
        directories.AddRange(FileRules.MadeEmpty(major));
        return (directories, [.. FileRules.WithoutUnlogged(files, f => f.Path)]);
    }
}
