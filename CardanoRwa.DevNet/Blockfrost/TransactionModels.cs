namespace CardanoRwa.DevNet.Blockfrost;

public sealed record TxContent(
    string Hash, string Block, long BlockHeight, long BlockTime, ulong Slot, int Index,
    IReadOnlyList<Amount> OutputAmount, string Fees, string Deposit, int Size, string? InvalidBefore, string? InvalidHereafter, int UtxoCount,
    int WithdrawalCount, int MirCertCount, int DelegationCount, int StakeCertCount, int PoolUpdateCount, int PoolRetireCount,
    int AssetMintOrBurnCount, int RedeemerCount, bool ValidContract, string TreasuryDonation);

public sealed record TxUtxos(string Hash, IReadOnlyList<TxInput> Inputs, IReadOnlyList<TxOutput> Outputs);

public sealed record TxInput(
    string Address, IReadOnlyList<Amount> Amount, string TxHash, int OutputIndex, string? DataHash, string? InlineDatum, string? ReferenceScriptHash, bool Collateral, bool Reference);

public sealed record TxOutput(
    string Address, IReadOnlyList<Amount> Amount, int OutputIndex, string? DataHash, string? InlineDatum, bool Collateral, string? ReferenceScriptHash, string? ConsumedByTx);

public sealed record MempoolTx(MempoolTxContent Tx, IReadOnlyList<MempoolInput> Inputs, IReadOnlyList<MempoolOutput> Outputs);

public sealed record MempoolTxContent(
    string Hash, IReadOnlyList<Amount> OutputAmount, string Fees, string Deposit, int Size, string? InvalidBefore, string? InvalidHereafter, int UtxoCount,
    int WithdrawalCount, int MirCertCount, int DelegationCount, int StakeCertCount, int PoolUpdateCount, int PoolRetireCount,
    int AssetMintOrBurnCount, int RedeemerCount, bool ValidContract);

public sealed record MempoolInput(string Address, string TxHash, int OutputIndex, bool Collateral, bool Reference);

public sealed record MempoolOutput(
    string Address, IReadOnlyList<Amount> Amount, int OutputIndex, string? DataHash, string? InlineDatum, bool Collateral, string? ReferenceScriptHash);
