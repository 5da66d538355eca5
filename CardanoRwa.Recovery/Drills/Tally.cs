namespace CardanoRwa.Recovery.Drills;

/// <summary>What every table held at one position of the log: what a copy restored to there must hold too.</summary>
/// <param name="Name">The restore point's name.</param>
/// <param name="At">The restore point's position.</param>
/// <param name="TakenAt">By the database's clock.</param>
/// <param name="Database">The database that was counted.</param>
/// <param name="Superuser">Who can open a restored copy, where nobody knows a password.</param>
/// <param name="LastSentinel">The newest sentinel at that position; none later may be in the copy.</param>
public sealed record Tally(
    string Name, string SystemId, uint Timeline, Lsn At, DateTimeOffset TakenAt, string Database, string Superuser, long? LastSentinel, IReadOnlyList<TableCount> Tables);
