namespace CardanoRwa.Core.Recovery;

/// <summary>How backups stand, as the worker that makes them reports.</summary>
public sealed record RecoveryReport(
    string? SystemId, string Worker, string Receiver, string? ReceiverFault, bool Synchronous, SlotStatus Slot, string? LastBackupId, DateTimeOffset? LastBackupAt,
    IReadOnlyList<StoreStatus> Stores, IReadOnlyList<string> Warnings);

/// <param name="RetainedBytes">WAL that the slot keeps at the database.</param>
/// <param name="LimitBytes">At how much the slot is given up; null never.</param>
/// <param name="InDanger">More than half of the limit is used.</param>
public sealed record SlotStatus(string Name, long RetainedBytes, long? LimitBytes, bool InDanger);

/// <param name="SeenAt">When the store last answered.</param>
/// <param name="Fault">Why it does not answer; null when it does.</param>
/// <param name="WalFault">Why WAL does not reach it; null when it does.</param>
/// <param name="RestorableFrom">Any moment from here ...</param>
/// <param name="RestorableTo">... to here can be restored from this store alone.</param>
/// <param name="Gap">WAL that is missing in it.</param>
/// <param name="LastBackupAt">The end of its newest good backup.</param>
/// <param name="LastVerifiedAt">When a backup was last read back from it whole.</param>
/// <param name="WalLagSeconds">The age of the oldest WAL that it lacks.</param>
public sealed record StoreStatus(
    string Store, DateTimeOffset? SeenAt, string? Fault, string? WalFault, DateTimeOffset? RestorableFrom, DateTimeOffset? RestorableTo, string? Gap, DateTimeOffset? LastBackupAt,
    DateTimeOffset? LastVerifiedAt, int Backups, double? WalLagSeconds, long? WalLagBytes);

/// <summary>How backups stand.</summary>
/// <param name="State">live; stale when the worker has not reported for half a minute; none when no worker makes backups.</param>
/// <param name="ReportAgeSeconds">How old what follows is.</param>
/// <param name="Receiver">streaming or interrupted.</param>
/// <param name="Synchronous">A commit waits until a store has it.</param>
/// <param name="LastBackupAgeSeconds">Since the newest backup ended.</param>
/// <param name="Warnings">Words such as 'one_recipient', 'one_store' or 'store_failing:NAME'.</param>
public sealed record RecoveryStatusView(
    string State, DateTimeOffset? ReportedAt, double? ReportAgeSeconds, string? Worker, string? SystemId, string? Receiver, string? ReceiverFault, bool Synchronous, SlotStatus? Slot,
    string? LastBackupId, DateTimeOffset? LastBackupAt, double? LastBackupAgeSeconds, IReadOnlyList<StoreStatus> Stores, IReadOnlyList<string> Warnings)
{
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(30);

    public static RecoveryStatusView None { get; } = new("none", null, null, null, null, null, null, false, null, null, null, null, [], ["no_report"]);

    public static RecoveryStatusView Of(RecoveryReport r, DateTimeOffset at, TimeSpan age) => new(
        age > Stale ? "stale" : "live", at, Math.Round(age.TotalSeconds, 1), r.Worker, r.SystemId, r.Receiver, r.ReceiverFault, r.Synchronous, r.Slot, r.LastBackupId, r.LastBackupAt,
        r.LastBackupAt is { } last ? Math.Round(Math.Max(0, (at + age - last).TotalSeconds), 1) : null, r.Stores, age > Stale ? [.. r.Warnings, "report_stale"] : r.Warnings);
}

/// <summary>A backup as the stores' catalogue has it.</summary>
/// <param name="Kind">full, incremental or synthetic.</param>
/// <param name="State">good; degraded where pages of the source were damaged.</param>
/// <param name="FileBytes">What it restores to.</param>
/// <param name="StoredBytes">What it takes in each store.</param>
public sealed record BackupView(
    string Id, string SystemId, string Kind, string State, string? ParentId, long Timeline, string StartLsn, string StopLsn, DateTimeOffset StartedAt, DateTimeOffset StoppedAt,
    long FileBytes, long StoredBytes, string ServerVersion, int DamagedPages, IReadOnlyList<BackupCopy> Stores);

/// <param name="VerifiedAt">When every byte of it was last read back from there.</param>
public sealed record BackupCopy(string Store, DateTimeOffset? VerifiedAt);

/// <summary>Newest first.</summary>
/// <param name="ReportAgeSeconds">How old the list is; null when no worker has reported one.</param>
public sealed record BackupList(IReadOnlyList<BackupView> Items, double? ReportAgeSeconds);

/// <summary>Asks for a base backup now.</summary>
/// <param name="Incremental">Only what changed since the newest, where that is possible.</param>
public sealed record RequestBackup(bool Incremental = false);

public static class BackupJobs
{
    public const string Kind = "backup";
}
