namespace CardanoRwa.Recovery.Drills;

public enum DrillKind
{
    /// <summary>Restores, compares every table with the counts at the same position, measures.</summary>
    RestoreTest,

    /// <summary>Reads every page, every index and the catalogs as well.</summary>
    Full,
}

public enum CheckState
{
    Passed,
    Failed,

    /// <summary>It could not be made; the detail says why.</summary>
    Skipped,
}

public sealed record DrillCheck(string Name, CheckState State, string Detail);

/// <summary>Why a copy could not be had, or was not what it should be.</summary>
/// <param name="Reason">A stable word: damaged, missing, wal, key, store, replay, content, time, disk, rpo.</param>
/// <param name="Object">The object at fault, where one is.</param>
public sealed record DrillFailure(string Reason, string? Object, string Detail);

/// <summary>Seconds of each phase. Decrypting, unpacking and writing happen while fetching; the two share its time.</summary>
public sealed record DrillTimes(double Plan, double Fetch, double Decrypt, double Wal, double Sync, double Replay, double Ready)
{
    public double Total => Math.Round(Plan + Fetch + Decrypt + Wal + Sync + Replay + Ready, 3);
}

/// <summary>One try to restore: from one store, one backup.</summary>
/// <param name="RestoredTo">The newest sentinel in the copy; without sentinels, until when the store's WAL reaches.</param>
/// <param name="RpoSeconds">What was acknowledged and is not in the copy.</param>
public sealed record DrillAttempt(
    string Store, string? Backup, DrillTimes? Times, DateTimeOffset? RestoredTo, double? RpoSeconds, IReadOnlyList<DrillCheck> Checks, IReadOnlyList<DrillFailure> Failures)
{
    public bool Passed => Failures.Count == 0;
}

/// <summary>What a drill did and found. The first attempt is the drill; the others say what would have been left had it been real.</summary>
/// <param name="Fallback">What the others cost, in words; null when none was needed.</param>
public sealed record DrillReport(
    int Version, string Id, string SystemId, DrillKind Kind, string RequestedBy, DateTimeOffset StartedAt, DateTimeOffset EndedAt, bool Passed,
    double? RtoSeconds, double RtoTargetSeconds, double? RpoSeconds, double RpoTargetSeconds, string? Tally, IReadOnlyList<DrillAttempt> Attempts, string? Fallback, string KeyId)
{
    public const int CurrentVersion = 1;
}
