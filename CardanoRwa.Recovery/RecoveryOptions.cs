using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Recovery;

/// <summary>How the schedule backs up.</summary>
public enum RecoveryMode
{
    /// <summary>Base backups and WAL: any moment can be restored.</summary>
    Physical,

    /// <summary>Dumps of the database, for servers that give no physical replication: the moments of the dumps can be restored.</summary>
    Logical,
}

/// <summary>Section <c>Recovery</c>; its stores are <c>Recovery:Stores</c>.</summary>
public sealed class RecoveryOptions
{
    public const string Section = "Recovery";

    /// <summary>Public keys ('p256:...') that backups are sealed for: two or more, so that one lost key loses nothing.</summary>
    public IList<string> Recipients { get; } = [];

    /// <summary>A private key, needed to restore, verify and rotate; a worker that only backs up does without.</summary>
    public string? IdentityFile { get; set; }

    /// <summary>The connection string to back up, where it is not that of the application.</summary>
    public string? Source { get; set; }

    /// <summary>What the worker's schedule makes.</summary>
    public RecoveryMode Mode { get; set; }

    /// <summary>Connections that copy files.</summary>
    public int Connections { get; set; } = 3;

    /// <summary>Files are read from the data directory itself where the worker runs on the server's machine and may; false: always over connections.</summary>
    public bool ReadFilesHere { get; set; } = true;

    /// <summary>The programs of Postgres, for restores that start a server; looked for where they are usually installed if not given.</summary>
    public string? PostgresFolder { get; set; }

    /// <summary>Where dumps and scratch restores lie while they run; the temporary folder if not given. As secret as the database.</summary>
    public string? ScratchFolder { get; set; }

    /// <summary>What these settings ask of a base backup.</summary>
    public Base.BackupRequest BaseRequest(string source) => new(source) { Connections = Connections, ReadsFilesHere = ReadFilesHere };

    [ValidateObjectMembers]
    public LogicalOptions Logical { get; } = new();

    /// <summary>Where WAL waits for the stores, and where a development machine keeps the store and the key that nobody configured.</summary>
    public string? DataFolder { get; set; }
}

/// <summary>Section <c>Recovery:Logical</c>.</summary>
public sealed class LogicalOptions
{
    /// <summary>Tables read or filled side by side.</summary>
    [Range(2, 64)]
    public int Jobs { get; set; } = 2;

    /// <summary>What a dump may take of the scratch folder at a time.</summary>
    [Range(16, int.MaxValue)]
    public int ScratchMebibytes { get; set; } = 20_480;

    /// <summary>How long the schedule keeps dumps; the newest stays whatever its age.</summary>
    [Range(1, 3_650)]
    public int KeepDays { get; set; } = 30;
}
