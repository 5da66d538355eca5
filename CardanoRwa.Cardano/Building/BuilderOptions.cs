namespace CardanoRwa.Cardano.Building;

public sealed record BuilderOptions
{
    public TxEncoding Encoding { get; init; }

    /// <summary>A wallet with more outputs of lovelace alone than this counts as fragmented: its smallest are swept up.</summary>
    public int ConsolidateAbove { get; init; } = 100;

    /// <summary>How many of them at most in one transaction, as far as the size limit allows; 0 sweeps none.</summary>
    public int ConsolidateAtMost { get; init; } = 20;
}
