namespace CardanoRwa.Core.Status;

/// <summary>What the public is told of the platform; nothing in it names hosts, stores or reasons that only operators should know.</summary>
/// <param name="At">When it was put together.</param>
/// <param name="State">operational, degraded or outage: the worst of what follows.</param>
/// <param name="DataAt">When the database last answered; what follows is from then. Null: never since this process started.</param>
/// <param name="Incidents">Open ones first, then those resolved in the last fortnight.</param>
public sealed record StatusDocument(
    DateTimeOffset At, string State, string Summary, DateTimeOffset? DataAt, IReadOnlyList<ComponentStatus> Components, IReadOnlyList<IncidentView> Incidents,
    ServiceLevel ServiceLevel, RecoverySummary Recovery, IReadOnlyList<DrillSummary> Drills, IReadOnlyList<BackupSummary> Backups);

/// <param name="State">operational, degraded, outage, unknown or not_used.</param>
/// <param name="Detail">The same in a sentence.</param>
public sealed record ComponentStatus(string Name, string Title, string State, string Detail);

/// <summary>Availability as the Api's own processes counted it.</summary>
/// <param name="Objective">The share of requests that must not end in a server's fault.</param>
/// <param name="WindowDays">Over how many days.</param>
/// <param name="Since">From when there are counts, if that is less.</param>
/// <param name="Availability">Null without requests.</param>
/// <param name="BudgetRemaining">1: nothing of what may fail has failed; 0: all of it; below 0: more.</param>
public sealed record ServiceLevel(double Objective, int WindowDays, DateTimeOffset? Since, long Requests, long Faults, double? Availability, double? BudgetRemaining, IReadOnlyList<DayOfService> Days)
{
    public const double Target = 0.999;
    public const int Window = 30;

    public static ServiceLevel None { get; } = new(Target, Window, null, 0, 0, null, null, []);

    public static ServiceLevel Of(IReadOnlyList<RequestDay> days)
    {
        var (requests, faults) = (days.Sum(d => d.Requests), days.Sum(d => d.Faults));
        return new(
            Target, Window, days.Count == 0 ? null : days.Min(d => d.Since), requests, faults, Share(requests, faults),
            requests == 0 ? null : 1 - faults / ((1 - Target) * requests),
            [.. days.Select(d => new DayOfService(d.Day, d.Requests, d.Faults, Share(d.Requests, d.Faults)))]);
    }

    private static double? Share(long requests, long faults) => requests == 0 ? null : 1 - (double)faults / requests;
}

public sealed record DayOfService(DateOnly Day, long Requests, long Faults, double? Availability);

/// <summary>What could be brought back.</summary>
/// <param name="State">live, stale, or none where nothing is backed up.</param>
/// <param name="From">Any moment from here ...</param>
/// <param name="To">... to here.</param>
/// <param name="Stores">How many stores hold backups.</param>
/// <param name="StoresAnswering">How many of them answer.</param>
public sealed record RecoverySummary(string State, DateTimeOffset? From, DateTimeOffset? To, double? WalLagSeconds, DateTimeOffset? LastBackupAt, DateTimeOffset? LastVerifiedAt, int Stores, int StoresAnswering)
{
    public static RecoverySummary None { get; } = new("none", null, null, null, null, null, 0, 0);
}

/// <param name="Kind">restoreTest or full.</param>
public sealed record DrillSummary(DateTimeOffset At, string Kind, bool Passed, double? RtoSeconds, double RtoTargetSeconds, double? RpoSeconds, double RpoTargetSeconds);

public sealed record BackupSummary(DateTimeOffset At, string Kind, long FileBytes, long StoredBytes);
