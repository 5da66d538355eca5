namespace CardanoRwa.Cardano.Providers;

/// <summary>What an indexed chain can tell beyond what a node can: holders, histories, old transactions.</summary>
public interface IChainIndex
{
    /// <summary>Null if it was never minted.</summary>
    Task<AssetInfo?> GetAssetAsync(AssetId asset, CancellationToken cancellation = default);

    IAsyncEnumerable<AssetId> GetAssetsOfPolicyAsync(Hash28 policy, CancellationToken cancellation = default);

    IAsyncEnumerable<AssetHolder> GetHoldersAsync(AssetId asset, CancellationToken cancellation = default);

    /// <summary>Mints (positive) and burns (negative), oldest first.</summary>
    IAsyncEnumerable<AssetEvent> GetHistoryAsync(AssetId asset, CancellationToken cancellation = default);

    /// <summary>Null if it is in no block.</summary>
    Task<Transaction?> GetTransactionAsync(Hash32 transactionId, CancellationToken cancellation = default);

    Task<NativeScript?> GetNativeScriptAsync(Hash28 hash, CancellationToken cancellation = default);
}

/// <param name="Supply">What was minted less what was burned.</param>
public sealed record AssetInfo(AssetId Asset, Int128 Supply, Hash32 FirstMint, int MintOrBurnCount);

/// <param name="Address">A Byron address stays what it is: a string may not parse on other networks.</param>
public sealed record AssetHolder(string Address, Int128 Quantity);

public sealed record AssetEvent(Hash32 TransactionId, Int128 Quantity);
