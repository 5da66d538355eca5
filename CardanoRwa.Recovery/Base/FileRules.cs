using System.Globalization;
using System.Text.RegularExpressions;

namespace CardanoRwa.Recovery.Base;

/// <summary>A file of a relation, as its name tells.</summary>
/// <param name="Tablespace">Its OID; 1663 and 1664 are the default and the shared one.</param>
/// <param name="Database">0 for shared relations.</param>
/// <param name="Number">The relation's file number.</param>
/// <param name="Fork">main, fsm, vm or init.</param>
/// <param name="Segment">0 for the first gigabyte.</param>
internal readonly record struct RelationFile(uint Tablespace, uint Database, uint Number, string Fork, uint Segment)
{
    public bool IsMain => Fork == "main";
}

/// <summary>
/// What a base backup leaves out, as the chapter on the low-level backup API lists it: what belongs to the running server, what is
/// rebuilt at start, and what unlogged and temporary relations hold.
/// </summary>
internal static partial class FileRules
{
    private static readonly HashSet<string> EmptyDirectories =
        ["pg_wal", "pg_replslot", "pg_stat_tmp", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_subtrans"];

    private static readonly HashSet<string> Files =
    [
        "postmaster.pid", "postmaster.opts", "postgresql.auto.conf.tmp", "current_logfiles.tmp", "backup_label", "backup_label.old",
        "tablespace_map", "tablespace_map.old", "backup_manifest", "recovery.signal", "standby.signal",
    ];

    /// <summary>Directories that a restored cluster needs, though their contents are left out.</summary>
    public static IEnumerable<string> MadeEmpty(int major) =>
        major >= 17 ? ["pg_wal/archive_status", "pg_wal/summaries"] : ["pg_wal/archive_status"];

    /// <summary>Whether a listing goes into a directory.</summary>
    public static bool IsEntered(string directory, int major) => !EmptyDirectories.Contains(directory) && !Name(directory).StartsWith("pgsql_tmp", StringComparison.Ordinal)
        // A tablespace may serve clusters of several versions, each in a directory of its own.
        && (directory.Split('/') is not ["pg_tblspc", _, var version] || version.StartsWith($"PG_{major}_", StringComparison.Ordinal));

    public static bool IsSkipped(string path) =>
        Files.Contains(path) || path == ControlFile.Path
        || Name(path) is var name && (name.StartsWith("pgsql_tmp", StringComparison.Ordinal) || name.StartsWith("pg_internal.init", StringComparison.Ordinal))
        || Temporary().IsMatch(path);

    /// <summary>Removes the forks, but for the initial one, of relations that have an initial one: these are unlogged.</summary>
    public static IEnumerable<T> WithoutUnlogged<T>(IReadOnlyCollection<T> files, Func<T, string> path)
    {
        var unlogged = files.Select(f => Relation(path(f))).Where(r => r is { Fork: "init" }).Select(r => (r!.Value.Tablespace, r.Value.Database, r.Value.Number)).ToHashSet();
        return files.Where(f => Relation(path(f)) is not { Fork: not "init" } r || !unlogged.Contains((r.Tablespace, r.Database, r.Number)));
    }

    public static RelationFile? Relation(string path)
    {
        var match = RelationPath().Match(path);
        if (!match.Success)
        {
            return null;
        }
        var (tablespace, database) = match.Groups["global"].Success ? (1664u, 0u)
            : (match.Groups["spc"].Success ? Number(match, "spc") : 1663u, match.Groups["db"].Success ? Number(match, "db") : Number(match, "tdb"));
        return new RelationFile(tablespace, database, Number(match, "rel"), match.Groups["fork"].Success ? match.Groups["fork"].Value : "main",
            match.Groups["seg"].Success ? Number(match, "seg") : 0);
    }

    private static uint Number(Match match, string group) => uint.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    [GeneratedRegex(@"^(?:(?<global>global)|base/(?<db>\d+)|pg_tblspc/(?<spc>\d+)/PG_[^/]+/(?<tdb>\d+))/(?<rel>\d+)(?:_(?<fork>fsm|vm|init))?(?:\.(?<seg>\d+))?$")]
    private static partial Regex RelationPath();

    // base/5/t3_16384: a temporary relation of backend 3.
    [GeneratedRegex(@"^(?:base/\d+|pg_tblspc/\d+/PG_[^/]+/\d+)/t\d+_\d+(?:_(?:fsm|vm|init))?(?:\.\d+)?$")]
    private static partial Regex Temporary();
}
