namespace CardanoRwa.Core.ChainSnapshots;

/// <summary>The stores' chain snapshots in short, for those who have no store; kept as one of the <see cref="Recovery.RecoveryReports"/>.</summary>
/// <param name="Newest">Newest first, the last few.</param>
public sealed record SnapshotReport(int Count, IReadOnlyList<SnapshotBrief> Newest)
{
    public const string Name = "snapshots";
}

/// <param name="Pinned">The name on IPFS; null while it is not pinned.</param>
/// <param name="Fault">Why not.</param>
/// <param name="Anchor">The transaction that carries the root; null where none was asked for or none is made yet.</param>
public sealed record SnapshotBrief(string Id, DateTimeOffset TakenAt, long Height, string Root, string? Pinned, string? Fault, string? Anchor);
