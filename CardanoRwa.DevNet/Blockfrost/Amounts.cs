using System.Globalization;

namespace CardanoRwa.DevNet.Blockfrost;

public sealed record Amount(string Unit, string Quantity);

internal static class Amounts
{
    internal static IReadOnlyList<Amount> Of(Value value)
    {
        var amounts = new Amount[1 + value.Tokens.Count];
        amounts[0] = new Amount("lovelace", Text(value.Coin));
        for (var i = 0; i < value.Tokens.Count; i++) amounts[i + 1] = new Amount(value.Tokens[i].Asset.ToString(), Text(value.Tokens[i].Quantity));
        return amounts;
    }

    internal static Value Sum(IEnumerable<TxOut> outputs)
    {
        Int128 coin = 0;
        var tokens = new List<AssetQuantity>();
        foreach (var output in outputs)
        {
            coin += output.Value.Coin;
            tokens.AddRange(output.Value.Tokens.Entries);
        }

        return new Value(coin, tokens.Count == 0 ? TokenBundle.Empty : TokenBundle.From(tokens));
    }

    internal static string Text(Int128 number) => number.ToString(CultureInfo.InvariantCulture);

    internal static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
