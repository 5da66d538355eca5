namespace CardanoRwa.Recovery.Drills;

/// <summary>What to drill.</summary>
public sealed record DrillRequest(DrillKind Kind, RecoveryProgress Progress)
{
    public required string RequestedBy { get; init; }

    /// <summary>A certain store; else the one that was drilled least recently.</summary>
    public string? Store { get; init; }

    /// <summary>The cluster, where the stores hold several.</summary>
    public string? SystemId { get; init; }

    /// <summary>The database that is backed up, asked only for its last sentinel; it may be down or unknown.</summary>
    public string? Source { get; init; }

    public string? PostgresFolder { get; init; }

    /// <summary>Who opens a copy that no tally tells it of, and which database.</summary>
    public string Superuser { get; init; } = "postgres";

    public string Database { get; init; } = "postgres";

    /// <summary>What else to try on the copy while it is up; given its connection string.</summary>
    public Func<string, CancellationToken, Task<DrillCheck>>? OnReady { get; init; }
}
