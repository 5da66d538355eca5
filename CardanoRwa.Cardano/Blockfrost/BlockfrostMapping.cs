using System.Globalization;
using CardanoRwa.Cardano.Providers;

namespace CardanoRwa.Cardano.Blockfrost;

/// <summary>Blockfrost's records as this library's.</summary>
internal static class BlockfrostMapping
{
    private const string Lovelace = "lovelace";

    internal static ProtocolParameters ToParameters(this ParametersDto dto)
    {
        var fallback = ProtocolParameters.Mainnet2025;
        return new ProtocolParameters
        {
            MinFeePerByte = dto.MinFeeA,
            MinFeeConstant = dto.MinFeeB,
            MaxTxSize = dto.MaxTxSize,
            MaxBlockBodySize = dto.MaxBlockSize,
            KeyDeposit = dto.KeyDeposit,
            PoolDeposit = dto.PoolDeposit,
            MaxValueSize = dto.MaxValSize ?? fallback.MaxValueSize,
            CoinsPerUtxoByte = dto.CoinsPerUtxoSize ?? dto.CoinsPerUtxoWord ?? fallback.CoinsPerUtxoByte,
            CollateralPercent = dto.CollateralPercent ?? fallback.CollateralPercent,
            MaxCollateralInputs = dto.MaxCollateralInputs ?? fallback.MaxCollateralInputs,
            MinFeeReferenceScriptPerByte = dto.MinFeeRefScriptCostPerByte is { } cost ? (ulong)Math.Ceiling(cost) : fallback.MinFeeReferenceScriptPerByte,
        };
    }

    internal static ChainPoint ToPoint(this BlockDto dto) => new(dto.Slot ?? 0, Hash32.Parse(dto.Hash), dto.Height, DateTimeOffset.FromUnixTimeSeconds(dto.Time));

    internal static ChainPoint ToPoint(this TransactionDto dto) => new(dto.Slot, Hash32.Parse(dto.Block), dto.BlockHeight, DateTimeOffset.FromUnixTimeSeconds(dto.BlockTime));

    internal static Utxo ToUtxo(this UtxoDto dto, byte[]? script) => new(
        new TxIn(Hash32.Parse(dto.TxHash), dto.OutputIndex),
        new TxOut(Address.Parse(dto.Address), ToValue(dto.Amount))
        {
            // With an inline datum the API gives its hash too, which the output does not hold.
            DatumHash = dto.InlineDatum is null && dto.DataHash is not null ? Hash32.Parse(dto.DataHash) : null,
            InlineDatum = OrNone(dto.InlineDatum is null ? null : Convert.FromHexString(dto.InlineDatum)),
            ScriptReference = OrNone(script),
        });

    internal static Int128 ToQuantity(string text) => Int128.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    // A null array, even a literal null beside memory, would become memory that is there and empty.
    private static ReadOnlyMemory<byte>? OrNone(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(bytes);

    private static Value ToValue(IReadOnlyList<AmountDto> amounts) => new(
        amounts.Where(static a => a.Unit == Lovelace).Aggregate((Int128)0, static (sum, a) => sum + ToQuantity(a.Quantity)),
        TokenBundle.From(amounts.Where(static a => a.Unit != Lovelace).Select(static a => new AssetQuantity(AssetId.Parse(a.Unit), ToQuantity(a.Quantity)))));
}
