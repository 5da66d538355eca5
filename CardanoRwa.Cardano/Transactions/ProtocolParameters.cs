using System.Numerics;

namespace CardanoRwa.Cardano.Transactions;

/// <summary>The protocol parameters that building and checking transactions needs. Amounts in lovelace, sizes in bytes.</summary>
public sealed record ProtocolParameters
{
    /// <summary>Mainnet's values in 2025 (Conway). Ask the network in production: they change by vote.</summary>
    public static readonly ProtocolParameters Mainnet2025 = new();

    // The ledger adds this for what an entry costs it beside the output's own bytes (CIP-55).
    private const ulong OutputOverhead = 160;

    // Conway prices each further 25,600 bytes of reference scripts 1.2 times the last.
    private const int ReferenceScriptTier = 25600;

    public ulong MinFeePerByte { get; init; } = 44;
    public ulong MinFeeConstant { get; init; } = 155381;
    public ulong CoinsPerUtxoByte { get; init; } = 4310;
    public int MaxTxSize { get; init; } = 16384;
    public int MaxValueSize { get; init; } = 5000;
    public int MaxBlockBodySize { get; init; } = 90112;
    public ulong KeyDeposit { get; init; } = 2_000_000;
    public ulong PoolDeposit { get; init; } = 500_000_000;
    public int CollateralPercent { get; init; } = 150;
    public int MaxCollateralInputs { get; init; } = 3;
    public ulong MinFeeReferenceScriptPerByte { get; init; } = 15;

    /// <summary>The least fee of a transaction of <paramref name="size"/> bytes (<see cref="Transaction.LedgerSize"/>).</summary>
    public ulong MinFee(int size) => MinFeePerByte * (ulong)size + MinFeeConstant;

    /// <summary>The least lovelace an output of <paramref name="size"/> bytes may hold.</summary>
    public ulong MinCoin(int size) => CoinsPerUtxoByte * (OutputOverhead + (ulong)size);

    public ulong MinCoin(TxOut output) => MinCoin(output.Size);

    /// <summary>The output with the least lovelace it can hold, which depends on its size and so on itself.</summary>
    public TxOut WithMinCoin(TxOut output)
    {
        var empty = output.WithValue(new Value(0, output.Value.Tokens));
        return empty.WithValue(new Value(LeastCoin(empty.Size), output.Value.Tokens));
    }

    /// <param name="emptySize">Bytes of the output with no lovelace at all, whose width on the wire is one byte.</param>
    internal ulong LeastCoin(int emptySize)
    {
        var coin = MinCoin(emptySize);
        while (MinCoin(emptySize - 1 + CborEncoder.HeadSize(coin)) is var needed && needed > coin) coin = needed;
        return coin;
    }

    /// <summary>What scripts read by reference add to the fee, by the size of all of them.</summary>
    public ulong ReferenceScriptFee(int size)
    {
        BigInteger numerator = 0, price = MinFeeReferenceScriptPerByte, denominator = 1;
        for (; size > 0; size -= ReferenceScriptTier)
        {
            numerator = numerator * 5 + price * 5 * Math.Min(size, ReferenceScriptTier);
            denominator *= 5;
            price *= 6;
        }

        return (ulong)(numerator / denominator);
    }
}
