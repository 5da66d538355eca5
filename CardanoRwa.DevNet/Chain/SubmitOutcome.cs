using CardanoRwa.DevNet.Ledger;

namespace CardanoRwa.DevNet.Chain;

public abstract record SubmitOutcome
{
    private SubmitOutcome() { }

    public sealed record Accepted(Hash32 Id) : SubmitOutcome;

    public sealed record Refused(IReadOnlyList<LedgerFault> Faults) : SubmitOutcome;

    /// <summary>The bytes are not a Conway transaction.</summary>
    public sealed record Malformed(string Error) : SubmitOutcome;

    public sealed record MempoolFull : SubmitOutcome;
}
