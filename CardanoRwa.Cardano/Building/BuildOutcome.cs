namespace CardanoRwa.Cardano.Building;

/// <summary>A transaction ready to sign, or why there is none.</summary>
public abstract record BuildOutcome
{
    private BuildOutcome() { }

    public sealed record Built(UnsignedTransaction Transaction) : BuildOutcome;

    /// <param name="Reason">For the program.</param>
    /// <param name="Message">For a person: what is wrong, with the amounts, and what to do.</param>
    public sealed record Failed(BuildFailure Reason, string Message) : BuildOutcome;

    /// <summary>The transaction; throws if there is none, for callers that have ruled failure out.</summary>
    public UnsignedTransaction Unwrap() => this switch
    {
        Built built => built.Transaction,
        Failed failed => throw new InvalidOperationException($"{failed.Reason}: {failed.Message}"),
        _ => throw new InvalidOperationException(),
    };
}

public enum BuildFailure
{
    InsufficientCoin,
    InsufficientTokens,
    OutputBelowMinimum,
    ValueTooLarge,
    TransactionTooLarge,
    EmptyValidity,
    ScriptUnsatisfied,
    MissingScript,
    InputIsReferenced,
    InvalidMetadata,
    InvalidMint,
    WrongNetwork,
    ChangeBelowMinimum,
}
