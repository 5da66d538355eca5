namespace CardanoRwa.DevNet.Chain;

/// <summary>
/// What the other fork holds instead of a transaction: one that spends the same input. Nobody signed it (only a development
/// chain can do that), so it pays the same owner back, less a fee.
/// </summary>
internal static class Rival
{
    private const ulong Fee = 200_000;

    internal static Transaction Of(TxIn input, TxOut output, ProtocolParameters parameters)
    {
        var afterFee = output.WithValue(output.Value with { Coin = output.Value.Coin - Fee });
        var affordable = output.Value.Coin > Fee && afterFee.Value.Coin >= parameters.MinCoin(afterFee);
        return Transaction.Create(
            new TxBody { Inputs = [input], Outputs = [affordable ? afterFee : output], Fee = affordable ? Fee : 0 },
            WitnessSet.Empty);
    }
}
