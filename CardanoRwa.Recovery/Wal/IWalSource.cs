namespace CardanoRwa.Recovery.Wal;

/// <summary>The archived WAL of a cluster, over all stores that have some.</summary>
public interface IWalSource
{
    /// <summary>What there is, without opening it: no key is needed.</summary>
    Task<WalInventory> InventoryAsync(string systemId, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a segment (such as 000000010000000000000003) or a history file (00000002.history) at a path, whole; bringing it to disk is the caller's. A segment of
    /// which only parts are stored is filled up with zeros to its size. False when no store has any of it; a store that cannot be asked throws.
    /// </summary>
    /// <param name="systemId">The cluster.</param>
    /// <param name="name">As Postgres asks for it (%f).</param>
    /// <param name="destinationPath">Written under another name beside it first, then moved.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<bool> FetchAsync(string systemId, string name, string destinationPath, CancellationToken cancellationToken);
}

/// <summary>Archived WAL by timeline, in ascending order.</summary>
/// <param name="SegmentSize">Bytes in a segment.</param>
/// <param name="Timelines">Each with what is stored of it.</param>
public sealed record WalInventory(int SegmentSize, IReadOnlyList<WalTimeline> Timelines)
{
    public WalTimeline? Find(uint timeline) => Timelines.FirstOrDefault(t => t.Id == timeline);
}

/// <summary>One timeline's archived WAL.</summary>
/// <param name="Id">The timeline.</param>
/// <param name="Ranges">Without gaps inside, in ascending order; more than one means a gap between them.</param>
/// <param name="Switches">The timelines it came from, oldest first, as its history file says; empty for the first.</param>
public sealed record WalTimeline(uint Id, IReadOnlyList<WalRange> Ranges, IReadOnlyList<TimelineSwitch> Switches);

/// <summary>Archived WAL without a gap.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="End">The byte after its last.</param>
/// <param name="LastStoredAt">When a store took the last of it: commits until then are inside, give or take the receiver's lag.</param>
public sealed record WalRange(Lsn Start, Lsn End, DateTimeOffset LastStoredAt);

/// <summary>A timeline was left at this position for the next one.</summary>
public sealed record TimelineSwitch(uint From, Lsn At);
