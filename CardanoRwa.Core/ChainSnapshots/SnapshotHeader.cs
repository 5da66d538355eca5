namespace CardanoRwa.Core.ChainSnapshots;

/// <summary>The first line of a chain snapshot: what it is tied to.</summary>
/// <param name="Lsn">The database's log when the registry's rows were read: all of them are there from that position on.</param>
/// <param name="Block">The chain's tip when reading it began ...</param>
/// <param name="BlockAfter">... and when it ended. They are one block unless the chain never stood still for as long as reading took.</param>
/// <param name="SinceHeight">Transactions in blocks above it are listed: the height of the snapshot before; 0 in the first.</param>
public sealed record SnapshotHeader(
    int Version, string Network, DateTimeOffset TakenAt, string SystemId, string Database, string Lsn, SnapshotBlock Block, SnapshotBlock BlockAfter, long SinceHeight)
{
    public const int CurrentVersion = 1;
}

public sealed record SnapshotBlock(string Hash, long Height, long Slot);

/// <summary>What a snapshot came to.</summary>
/// <param name="Root">RFC 6962's Merkle root over its lines, 64 hex digits.</param>
/// <param name="Lines">How many lines stand below the root.</param>
public sealed record SnapshotSummary(SnapshotHeader Header, string Root, int Lines, int Policies, int Units, int Holders, int Transactions, long Rows);
