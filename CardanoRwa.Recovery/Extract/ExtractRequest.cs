using CardanoRwa.Recovery.Restore;

namespace CardanoRwa.Recovery.Extract;

/// <summary>Which rows to take out of a backup.</summary>
/// <param name="Table">A table, with its schema where it is not on the path.</param>
public sealed record ExtractRequest(string Table)
{
    /// <summary>A condition in SQL; all rows where null.</summary>
    public string? Where { get; init; }

    /// <summary>Bring the rows that refer to those found, and then whatever all of them refer to.</summary>
    public bool FollowsReferences { get; init; }

    /// <summary>Tables whose rows come too where they refer to a row that was brought only because another refers to it.</summary>
    public IReadOnlyList<string> AlsoTables { get; init; } = [];

    /// <summary>Where a row with the same key is there: take its place, rather than leave it.</summary>
    public bool Replaces { get; init; }

    public RestoreTarget Target { get; init; } = new RestoreTarget.Latest();

    /// <summary>A certain backup; a dump is loaded rather than replayed.</summary>
    public string? BackupId { get; init; }

    public string? SystemId { get; init; }

    /// <summary>The newest dump, although there are physical backups.</summary>
    public bool IsFromDump { get; init; }

    /// <summary>The database; may be left out where the cluster has one besides 'postgres'.</summary>
    public string? Database { get; init; }

    /// <summary>Names a superuser of the cluster may have, the likeliest first.</summary>
    public IReadOnlyList<string> Users { get; init; } = ["postgres"];

    public string? ProgramsFolder { get; init; }
    public string? ScratchFolder { get; init; }
}

/// <summary>What was taken out.</summary>
/// <param name="BackupId">The backup.</param>
/// <param name="At">The moment of a dump, or what was replayed to.</param>
/// <param name="Rows">Rows by table, in the order written.</param>
public sealed record ExtractResult(string BackupId, string At, IReadOnlyList<(string Table, long Rows)> Rows);
