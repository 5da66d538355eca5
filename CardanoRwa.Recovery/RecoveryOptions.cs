namespace CardanoRwa.Recovery;

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

    /// <summary>Connections that copy files.</summary>
    public int Connections { get; set; } = 3;

    /// <summary>The programs of Postgres, for restores that start a server; looked for where they are usually installed if not given.</summary>
    public string? PostgresFolder { get; set; }

    /// <summary>Where WAL waits for the stores, and where a development machine keeps the store and the key that nobody configured.</summary>
    public string? DataFolder { get; set; }
}
