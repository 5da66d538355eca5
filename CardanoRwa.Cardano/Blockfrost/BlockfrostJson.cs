using System.Text.Json.Serialization;

namespace CardanoRwa.Cardano.Blockfrost;

internal sealed record ParametersDto(
    ulong MinFeeA, ulong MinFeeB, int MaxTxSize, int MaxBlockSize, ulong KeyDeposit, ulong PoolDeposit, int? MaxValSize,
    ulong? CoinsPerUtxoSize, ulong? CoinsPerUtxoWord, int? CollateralPercent, int? MaxCollateralInputs, double? MinFeeRefScriptCostPerByte);

internal sealed record AmountDto(string Unit, string Quantity);

internal sealed record UtxoDto(string TxHash, ushort OutputIndex, string Address, IReadOnlyList<AmountDto> Amount, string? DataHash, string? InlineDatum, string? ReferenceScriptHash);

internal sealed record BlockDto(long Time, ulong? Height, string Hash, ulong? Slot);

internal sealed record TransactionDto(string Hash, string Block, ulong BlockHeight, long BlockTime, ulong Slot);

internal sealed record MempoolDto(System.Text.Json.JsonElement Tx);

internal sealed record CborDto(string? Cbor);

internal sealed record ScriptDto(string ScriptHash, string Type);

internal sealed record ScriptJsonDto(System.Text.Json.JsonElement Json);

internal sealed record AssetDto(string Asset, string Quantity, string? InitialMintTxHash, int MintOrBurnCount);

internal sealed record PolicyAssetDto(string Asset, string Quantity);

internal sealed record HolderDto(string Address, string Quantity);

internal sealed record HistoryDto(string TxHash, string Action, string Amount);

internal sealed record ErrorDto(int StatusCode, string? Error, string? Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(ParametersDto))]
[JsonSerializable(typeof(IReadOnlyList<UtxoDto>))]
[JsonSerializable(typeof(BlockDto))]
[JsonSerializable(typeof(TransactionDto))]
[JsonSerializable(typeof(MempoolDto))]
[JsonSerializable(typeof(CborDto))]
[JsonSerializable(typeof(ScriptDto))]
[JsonSerializable(typeof(ScriptJsonDto))]
[JsonSerializable(typeof(AssetDto))]
[JsonSerializable(typeof(IReadOnlyList<PolicyAssetDto>))]
[JsonSerializable(typeof(IReadOnlyList<HolderDto>))]
[JsonSerializable(typeof(IReadOnlyList<HistoryDto>))]
[JsonSerializable(typeof(ErrorDto))]
[JsonSerializable(typeof(string))]
internal sealed partial class BlockfrostJson : JsonSerializerContext;
