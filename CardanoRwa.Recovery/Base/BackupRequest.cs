using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Base;

/// <summary>What to back up and how.</summary>
/// <param name="ConnectionString">Any database of the cluster, as a role with REPLICATION and EXECUTE on the functions used.</param>
public sealed record BackupRequest(string ConnectionString)
{
    /// <summary>Only what changed since the newest backup of the cluster, where that is possible.</summary>
    public bool IsIncremental { get; init; }

    /// <summary>Files are read from the data directory where this process runs on the server's machine and may read it, and over connections elsewhere.</summary>
    public bool ReadsFilesHere { get; init; } = true;

    /// <summary>Connections (or readers) that copy, beside the one that holds the backup open. More than cores gain nothing.</summary>
    public int Connections { get; init; } = 3;

    /// <summary>Checkpoint at once rather than spread over checkpoint_completion_target.</summary>
    public bool IsFast { get; init; } = true;

    /// <summary>Kept in the manifest as given.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>A backup that was made.</summary>
/// <param name="Manifest">As written.</param>
/// <param name="Stores">Where it is whole.</param>
/// <param name="FailedStores">Store and cause: the backup is missing there.</param>
/// <param name="RereadPages">Pages that the server was just writing, right on another reading.</param>
public sealed record BackupResult(BackupManifest Manifest, IReadOnlyList<string> Stores, IReadOnlyDictionary<string, string> FailedStores, int RereadPages)
{
    /// <summary>Files were read from the data directory, not over connections.</summary>
    public bool IsReadHere { get; init; }
}
