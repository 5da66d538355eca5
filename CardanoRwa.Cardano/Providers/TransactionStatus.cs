namespace CardanoRwa.Cardano.Providers;

/// <summary>What is known of a transaction. It can go back from a block to pending or unknown: forks happen.</summary>
/// <param name="Block">Where it is included; null if it is not, or if the provider cannot tell which block.</param>
public sealed record TransactionStatus(TransactionState State, ChainPoint? Block = null)
{
    public static readonly TransactionStatus Unknown = new(TransactionState.Unknown);
    public static readonly TransactionStatus Pending = new(TransactionState.Pending);

    /// <summary>Blocks on top of and including its own.</summary>
    public ulong? Confirmations(ChainPoint tip) => Block?.Height is { } height && tip.Height >= height ? tip.Height - height + 1 : null;
}

public enum TransactionState
{
    /// <summary>Neither in a block nor in the provider's mempool.</summary>
    Unknown,
    Pending,
    InBlock,
}
