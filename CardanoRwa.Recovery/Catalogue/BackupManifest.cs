namespace CardanoRwa.Recovery.Catalogue;

public enum BackupKind
{
    Full,

    /// <summary>Holds what changed since its parent; restores with its chain.</summary>
    Incremental,

    /// <summary>A full one put together in the stores from a chain, without the database.</summary>
    Synthetic,

    /// <summary>A dump of one database as it was at one moment; WAL does not take it further.</summary>
    Logical,
}

public enum BackupState
{
    Good,

    /// <summary>Whole, but pages of the source failed their checksum; they are named.</summary>
    Degraded,
}

/// <summary>What a backup is and what it consists of. Written last: a backup without it does not exist.</summary>
public sealed record BackupManifest
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;
    public required string Id { get; init; }
    public required string SystemId { get; init; }
    public required BackupKind Kind { get; init; }
    public required BackupState State { get; init; }

    /// <summary>The backup that the unchanged blocks come from.</summary>
    public string? ParentId { get; init; }

    public required string DataKeyId { get; init; }
    public required uint Timeline { get; init; }

    /// <summary>Replay begins here ...</summary>
    public required Lsn StartLsn { get; init; }

    /// <summary>... and must reach here before the cluster is consistent.</summary>
    public required Lsn StopLsn { get; init; }

    /// <summary>By the database's clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset StoppedAt { get; init; }
    public required ServerFacts Server { get; init; }
    public required string BackupLabel { get; init; }

    /// <summary>As Postgres gave it; its paths are those of the source.</summary>
    public string? TablespaceMap { get; init; }

    /// <summary>Files in the cluster, and bytes in them.</summary>
    public required int FileCount { get; init; }

    public required long FileBytes { get; init; }

    /// <summary>Bytes that this backup put into a store.</summary>
    public required long StoredBytes { get; init; }

    /// <summary>Why a full backup was made although an incremental one was asked for.</summary>
    public string? FullBecause { get; init; }

    public IReadOnlyList<DamagedPage> DamagedPages { get; init; } = [];

    /// <summary>What the owner of the cluster wants to find again with the backup; no meaning to this program.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Of a logical backup only.</summary>
    public LogicalFacts? Logical { get; init; }

    /// <summary>The list of files, <c>files.json.gz</c>.</summary>
    public required StoredFile Files { get; init; }

    public required IReadOnlyList<DataObject> Objects { get; init; }

    public TimeSpan Duration => StoppedAt - StartedAt;
}

/// <summary>The server that was backed up.</summary>
/// <param name="Version">As the server calls itself, such as 15.18 or 18.4.</param>
/// <param name="VersionNumber">server_version_num.</param>
/// <param name="BlockSize">Bytes in a page.</param>
/// <param name="SegmentBlocks">Pages in a segment of a relation: the checksum of a page includes its number in the whole relation.</param>
/// <param name="WalSegmentSize">Bytes in a segment of WAL.</param>
/// <param name="HasChecksums">Whether pages carry checksums.</param>
/// <param name="Settings">Those a server that replays its WAL must have at least as high, and where its configuration lies.</param>
/// <param name="Extensions">Installed in the database the backup connected to, with their versions.</param>
public sealed record ServerFacts(
    string Version, int VersionNumber, int BlockSize, int SegmentBlocks, int WalSegmentSize, bool HasChecksums,
    IReadOnlyDictionary<string, string> Settings, IReadOnlyDictionary<string, string> Extensions)
{
    public int Major => VersionNumber / 10000;
}

/// <summary>What a dump is of, and by what.</summary>
/// <param name="Database">The database.</param>
/// <param name="ClientMajor">The version of pg_dump: pg_restore must be as new.</param>
public sealed record LogicalFacts(string Database, int ClientMajor);

/// <summary>A page whose checksum was wrong however often it was read.</summary>
public sealed record DamagedPage(string Path, long Block);

/// <summary>A small object of a backup, with its SHA-256 in hex.</summary>
public sealed record StoredFile(long Length, string Sha256);

/// <summary>A sealed object of a backup: <c>data/0000</c> is number 0.</summary>
public sealed record DataObject(int Number, long PlainLength, long StoredLength, string Sha256, IReadOnlyList<int> Frames);
