namespace CardanoRwa.DevNet.Ledger;

/// <summary>One refusal in the words of the node.</summary>
/// <param name="Name">The constructor that tells what is wrong, such as <c>FeeTooSmallUTxO</c>.</param>
/// <param name="Text">The whole value as Haskell's <c>show</c> prints it, which is what Blockfrost passes on.</param>
public sealed record LedgerFault(string Name, string Text)
{
    /// <summary>A failure of the rule UTXO, which the rule UTXOW wraps.</summary>
    internal static LedgerFault Utxo(string name, string argument = "") =>
        new(name, $"ConwayUtxowFailure (UtxoFailure {(argument.Length == 0 ? name : $"({name} {argument})")})");

    internal static LedgerFault Utxow(string name, string argument = "") =>
        new(name, $"ConwayUtxowFailure {(argument.Length == 0 ? name : $"({name} {argument})")}");

    /// <summary>What this chain does not simulate it refuses under a name that no node uses.</summary>
    internal static LedgerFault NotSimulated(string what) => new("NotSimulatedByDevNet", $"NotSimulatedByDevNet \"{what}\"");

    /// <summary>A second submission of what is already on the chain ends here, and so does the loser of a double spend.</summary>
    internal static readonly LedgerFault AllInputsSpent =
        new("ConwayMempoolFailure", "ConwayMempoolFailure \"All inputs are spent. Transaction has probably already been included\"");
}
