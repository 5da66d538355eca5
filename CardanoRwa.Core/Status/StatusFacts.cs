using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Recovery;

namespace CardanoRwa.Core.Status;

/// <summary>What the database says, as of one moment.</summary>
/// <param name="Worker">What the last worker to speak said, and how long ago.</param>
public sealed record StatusFacts(
    DateTimeOffset At, IReadOnlyList<Incident> Incidents, IReadOnlyList<RequestDay> Days, RecoveryStatusView Recovery, IReadOnlyList<BackupView> Backups, IReadOnlyList<DrillSummary> Drills,
    (WorkerReport Report, TimeSpan Age)? Worker, WalletState? Wallet, PinFacts Pins);

/// <param name="Waiting">Files that were tried and are not pinned yet.</param>
/// <param name="Failed">Files that were given up.</param>
public sealed record PinFacts(long Pinned, long Waiting, long Failed);

/// <summary>What the Api knows without asking the database.</summary>
/// <param name="RecentRequests">Requests of the last minutes in this process.</param>
/// <param name="RecentFaults">Of them: a server's faults.</param>
/// <param name="DatabaseAnswers">As of now.</param>
/// <param name="CacheAnswers">Null where it could not be asked.</param>
public sealed record ApiFacts(long RecentRequests, long RecentFaults, bool DatabaseAnswers, bool? CacheAnswers);
