using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Logical;

/// <summary>What to dump and how.</summary>
/// <param name="ConnectionString">The database, as a role that may read all of it.</param>
public sealed record LogicalRequest(string ConnectionString)
{
    /// <summary>Where pg_dump and pg_restore are; the usual places where null.</summary>
    public string? ProgramsFolder { get; init; }

    /// <summary>Where files lie between pg_dump and the stores; the temporary folder where null.</summary>
    public string? ScratchFolder { get; init; }

    /// <summary>Bytes that may lie there at a time. Each file goes when it is stored, so about the largest tables, one for each job, must fit.</summary>
    public long ScratchBytes { get; init; } = 20L << 30;

    /// <summary>Tables read side by side, two or more.</summary>
    public int Jobs { get; init; } = 2;

    /// <summary>Kept in the manifest as given.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>Where a dump goes.</summary>
/// <param name="TargetConnectionString">A database with nothing in it.</param>
public sealed record LogicalRestoreRequest(string TargetConnectionString)
{
    /// <summary>The backup; the newest where null.</summary>
    public string? BackupId { get; init; }

    /// <summary>The cluster it was made of; may be left out where the stores hold one only.</summary>
    public string? SystemId { get; init; }

    public string? ProgramsFolder { get; init; }
    public string? ScratchFolder { get; init; }

    /// <summary>Tables filled side by side.</summary>
    public int Jobs { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    /// <summary>Keep owners and grants; else everything belongs to who restores, since another server need not have the same roles.</summary>
    public bool KeepsOwners { get; init; }
}

/// <summary>What a restore of a dump left.</summary>
/// <param name="Backup">The backup.</param>
/// <param name="Tables">Tables whose rows were counted.</param>
/// <param name="Rows">Rows in them.</param>
/// <param name="Differences">Tables with another number of rows than was backed up; empty when all is well.</param>
/// <param name="FallbackObjects">Objects that were damaged or missing in one store and came from another.</param>
/// <param name="Fetching">Time to read, decrypt and write the dump's files.</param>
/// <param name="Loading">Time pg_restore took.</param>
public sealed record LogicalRestoreResult(
    BackupManifest Backup, int Tables, long Rows, IReadOnlyList<string> Differences, IReadOnlyList<string> FallbackObjects, TimeSpan Fetching, TimeSpan Loading);
