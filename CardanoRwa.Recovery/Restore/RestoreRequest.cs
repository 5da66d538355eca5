using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Restore;

/// <summary>How far to go.</summary>
public abstract record RestoreTarget
{
    private RestoreTarget()
    {
    }

    /// <summary>All there is.</summary>
    public sealed record Latest : RestoreTarget
    {
        public override string ToString() => "latest";
    }

    /// <summary>The end of the backup, no further.</summary>
    public sealed record Backup : RestoreTarget
    {
        public override string ToString() => "the end of the backup";
    }

    /// <summary>Commits up to then, by the database's clock.</summary>
    public sealed record Time(DateTimeOffset At) : RestoreTarget
    {
        public override string ToString() => At.ToString("yyyy-MM-dd HH:mm:ss.ffffffzzz", System.Globalization.CultureInfo.InvariantCulture);
    }

    public sealed record Position(Lsn At) : RestoreTarget
    {
        public override string ToString() => At.ToString();
    }

    /// <summary>A point made with pg_create_restore_point.</summary>
    public sealed record Named(string Name) : RestoreTarget
    {
        public override string ToString() => Name;
    }

    /// <summary>Reads 'latest', 'backup', a time, an LSN such as 0/1A2B3C, or else a name.</summary>
    public static RestoreTarget Parse(string text) => text switch
    {
        "latest" => new Latest(),
        "backup" => new Backup(),
        _ when text.Contains('/', StringComparison.Ordinal) && Lsn.TryParse(text, out var lsn) => new Position(lsn),
        _ when DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) => new Time(time),
        _ => new Named(text),
    };
}

/// <summary>What to restore and where to.</summary>
/// <param name="Directory">The new data directory: absent, empty, or left by a restore of the same backup that was interrupted.</param>
/// <param name="Target">How far to replay.</param>
public sealed record RestoreRequest(string Directory, RestoreTarget Target)
{
    /// <summary>The cluster; may be left out where the stores hold one only.</summary>
    public string? SystemId { get; init; }

    /// <summary>A certain backup rather than the nearest before the target.</summary>
    public string? BackupId { get; init; }

    /// <summary>The timeline to follow; the newest that comes from the backup's where null.</summary>
    public uint? Timeline { get; init; }

    /// <summary>New places of tablespaces by their old ones; others go beside the data directory.</summary>
    public IReadOnlyDictionary<string, string> Tablespaces { get; init; } = new Dictionary<string, string>();

    /// <summary>The version that is to run it, where known: another major version is refused before anything is written.</summary>
    public int? ServerMajor { get; init; }

    /// <summary>Names this restore to whoever connects to its server later; each restore has one of its own.</summary>
    public string RestoreId { get; init; } = $"restore-{Guid.NewGuid():N}";

    /// <summary>The server to start on it, which then replays while WAL is still being fetched; null leaves that to others.</summary>
    public RestoreStart? Start { get; init; }

    /// <summary>Objects and segments of WAL read side by side. Writers of one large file take turns, so more than cores only wait for each other.</summary>
    public int Parallelism { get; init; } = Math.Clamp(Environment.ProcessorCount, 2, 8);
}

/// <summary>A server that is started on what was restored, and left running.</summary>
public sealed record RestoreStart(RestoredServer Server, int Port)
{
    /// <summary>
    /// With as much WAL the server replays while it is still being fetched. With less it might come to its target before it is told to take writes, and looks again only a
    /// second later.
    /// </summary>
    public int FedFromSegments { get; init; } = 16;
}

/// <summary>What a restore left.</summary>
/// <param name="Backup">The backup it came from.</param>
/// <param name="Chain">Backups that were read, oldest first.</param>
/// <param name="WalSegments">Segments put in place for replay, besides the backup's own.</param>
/// <param name="FallbackObjects">Objects that were damaged or missing in one store and came from another.</param>
/// <param name="Fetching">Time to read, decrypt, decompress and write the files.</param>
/// <param name="FetchingWal">Time to put the WAL in place.</param>
/// <param name="Syncing">Time to bring all to disk.</param>
/// <param name="WaitingShare">How much of <paramref name="Fetching"/> went into waiting for the stores rather than into opening and writing.</param>
public sealed record RestoreResult(
    BackupManifest Backup, IReadOnlyList<string> Chain, int WalSegments, IReadOnlyList<string> FallbackObjects,
    TimeSpan Fetching, TimeSpan FetchingWal, TimeSpan Syncing, double WaitingShare)
{
    /// <summary>From the server's start until it took writes; part of <see cref="FetchingWal"/> lies in it.</summary>
    public TimeSpan Replaying { get; init; }

    /// <summary>What the server wrote last, where it did not come up.</summary>
    public string? StartFault { get; init; }
}
