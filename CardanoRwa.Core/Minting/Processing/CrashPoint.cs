using System.Diagnostics;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>
/// Named steps of the processor at which a debug build dies as by kill -9 when told to (RWA_CRASH_AT=name:count), for the
/// crash matrix. Release builds hold no call of it.
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
    public const string BeforeGiveUp = "before-give-up";
    public const string AfterGiveUp = "after-give-up";

    public static readonly IReadOnlyList<string> All =
    [
        BeforeClaim, AfterClaim, AfterReserve, AfterBuild, AfterSign, BeforePersist, AfterPersist, BeforeSubmit, AfterSubmit, AfterSubmitted,
        BeforePoll, AfterPoll, BeforeConfirm, AfterConfirm, BeforeGiveUp, AfterGiveUp,
    ];

    private static readonly string[] Told = (Environment.GetEnvironmentVariable(Variable) ?? "").Split(':');
    private static int _times;

    [Conditional("DEBUG")]
    internal static void Reach(string name)
    {
        if (Told is [var point, var count] && point == name && Interlocked.Increment(ref _times) == int.Parse(count, System.Globalization.CultureInfo.InvariantCulture))
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
            self.WaitForExit();
        }
    }
}
