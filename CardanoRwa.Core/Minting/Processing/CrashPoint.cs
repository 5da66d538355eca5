using System.Diagnostics;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>
/// Named steps of the processor at which a debug build dies as by kill -9 when told to (RWA_CRASH_AT=name, or name:count for a later time), for the
/// crash matrix. 'Before' is the last moment before a commit, or a call, that makes the step count; 'after' the first one after it. Release builds
/// hold no call of it.
/// </summary>
public static class CrashPoint
{
    public const string Variable = "RWA_CRASH_AT";

    public const string BeforeClaim = "before-claim";
    public const string AfterClaim = "after-claim";
    public const string AfterReserve = "after-reserve";
    public const string AfterBuild = "after-build";
    public const string AfterSign = "after-sign";
    public const string BeforePersist = "before-persist";
    public const string AfterPersist = "after-persist";
    public const string BeforeSubmit = "before-submit";
    public const string AfterSubmit = "after-submit";
    public const string AfterSubmitted = "after-submitted";
    public const string BeforePoll = "before-poll";
    public const string AfterPoll = "after-poll";
    public const string BeforeConfirm = "before-confirm";
    public const string AfterConfirm = "after-confirm";
    public const string BeforeRollBack = "before-roll-back";
    public const string AfterRollBack = "after-roll-back";
    public const string BeforeGiveUp = "before-give-up";
    public const string DuringGiveUp = "during-give-up";
    public const string AfterGiveUp = "after-give-up";
    public const string BeforeRevive = "before-revive";
    public const string AfterRevive = "after-revive";

    public static readonly IReadOnlyList<string> All =
    [
        BeforeClaim, AfterClaim, AfterReserve, AfterBuild, AfterSign, BeforePersist, AfterPersist, BeforeSubmit, AfterSubmit, AfterSubmitted,
        BeforePoll, AfterPoll, BeforeConfirm, AfterConfirm, BeforeRollBack, AfterRollBack, BeforeGiveUp, DuringGiveUp, AfterGiveUp, BeforeRevive, AfterRevive,
    ];

    private static readonly string[] Told = (Environment.GetEnvironmentVariable(Variable) ?? "").Split(':');
    private static readonly int When = Told is [_, var count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 1;
    private static int _times;

    [Conditional("DEBUG")]
    internal static void Reach(string? name)
    {
        if (name == Told[0] && Interlocked.Increment(ref _times) == When)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
            self.WaitForExit();
        }
    }
}
