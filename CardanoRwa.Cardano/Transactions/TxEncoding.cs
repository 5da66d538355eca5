namespace CardanoRwa.Cardano.Transactions;

/// <summary>Choices the CDDL leaves open. Hardware wallets refuse a transaction that tags some sets and not others.</summary>
/// <param name="TagSets">Write tag 258 before every set: everywhere, or nowhere.</param>
/// <param name="LegacyOutputs">Write outputs as arrays where they have no inline datum or script, saving two bytes each.</param>
/// <param name="TagAuxiliaryData">Write auxiliary data as <c>#6.259({0: metadata})</c> even where a plain map would do.</param>
public readonly record struct TxEncoding(bool TagSets = false, bool LegacyOutputs = false, bool TagAuxiliaryData = false);
