namespace CardanoRwa.Cardano.Providers;

/// <summary>
/// A way to the chain. What may well happen (nothing there, a refusal) is a return value; a <see cref="ProviderException"/>
/// means that no answer could be had.
/// </summary>
public interface ICardanoProvider
{
    Task<ProtocolParameters> GetProtocolParametersAsync(CancellationToken cancellation = default);

    Task<ChainPoint> GetTipAsync(CancellationToken cancellation = default);

    /// <summary>Confirmed outputs at an address; none for one that was never used.</summary>
    Task<IReadOnlyList<Utxo>> GetUtxosAsync(Address address, CancellationToken cancellation = default);

    Task<TransactionStatus> GetStatusAsync(Hash32 transactionId, CancellationToken cancellation = default);

    /// <summary>Sends exactly these bytes, again and again if need be; never anything else.</summary>
    Task<SubmitOutcome> SubmitAsync(Transaction transaction, CancellationToken cancellation = default);
}
