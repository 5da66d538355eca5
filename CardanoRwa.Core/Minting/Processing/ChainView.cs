using CardanoRwa.Cardano.Providers;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>What this process last heard of the chain.</summary>
public sealed class ChainView(ICardanoProvider provider, TimeProvider clock)
{
    private static readonly TimeSpan ParametersLast = TimeSpan.FromMinutes(10);
    private DateTimeOffset _parametersAt;

    public ChainPoint? Tip { get; private set; }
    public ProtocolParameters? Parameters { get; private set; }
    public ulong Height => Tip?.Height ?? 0;

    /// <summary>Whether the wallet's outputs were compared with the chain's since this process began; before, nothing is made.</summary>
    public bool IsSynced { get; set; }

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (Parameters is null || clock.GetUtcNow() - _parametersAt > ParametersLast)
        {
            Parameters = await provider.GetProtocolParametersAsync(cancellationToken);
            _parametersAt = clock.GetUtcNow();
        }
        Tip = await provider.GetTipAsync(cancellationToken);
    }
}
