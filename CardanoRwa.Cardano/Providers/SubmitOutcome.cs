namespace CardanoRwa.Cardano.Providers;

/// <summary>The answer to a submission.</summary>
public abstract record SubmitOutcome
{
    private SubmitOutcome() { }

    /// <summary>In the mempool, or already in a block.</summary>
    public sealed record Accepted(Hash32 TransactionId) : SubmitOutcome;

    /// <summary>The ledger refused it, for all the reasons it gave.</summary>
    public sealed record Refused(IReadOnlyList<LedgerRefusal> Reasons) : SubmitOutcome
    {
        public override string ToString() => string.Join("; ", Reasons);
    }

    /// <summary>The mempool is full: the same bytes may be sent again later.</summary>
    public sealed record MempoolFull : SubmitOutcome;

    /// <summary>No answer came: it may have been accepted. Look its id up or send the same bytes; never build another one.</summary>
    public sealed record Uncertain(string Why) : SubmitOutcome;
}
