using CardanoRwa.Recovery;

namespace CardanoRwa.Worker.Recovery;

/// <summary>The exit codes of all verbs of recovery.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>It cannot be done as asked; nothing was written.</summary>
    public const int Refused = 1;

    /// <summary>Done, but something needs a hand: a store was left out, or pages of the source are damaged.</summary>
    public const int Partly = 2;

    /// <summary>A backup is not what was written.</summary>
    public const int Damaged = 3;

    /// <summary>A store, the database or the disk failed.</summary>
    public const int Unavailable = 4;

    public const int Stopped = 130;

    public static int Report(RecoveryRefusal refusal)
    {
        Console.Error.WriteLine($"{refusal.Code}: {refusal.Detail}");
        Console.Error.WriteLine(refusal.Hint);
        return Refused;
    }
}
