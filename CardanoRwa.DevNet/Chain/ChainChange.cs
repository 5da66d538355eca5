namespace CardanoRwa.DevNet.Chain;

/// <summary>What happened to the chain, for those who follow it.</summary>
public sealed record ChainChange(ChainChangeKind Kind, Block Block);

public enum ChainChangeKind
{
    Added,
    RolledBack,

    /// <summary>Too old to be kept; still part of the chain.</summary>
    Forgotten,
}
