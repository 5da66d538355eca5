namespace CardanoRwa.Cardano.Assets;

/// <summary>Lovelace and native assets. <see cref="Int128"/> throughout, so that adding up a transaction cannot wrap.</summary>
public sealed record Value(Int128 Coin, TokenBundle Tokens)
{
    public static readonly Value Zero = new(0, TokenBundle.Empty);

    public static Value OfCoin(Int128 lovelace) => new(lovelace, TokenBundle.Empty);

    public bool IsNonNegative => Coin >= 0 && Tokens.IsNonNegative;

    public static Value operator +(Value left, Value right) => new(left.Coin + right.Coin, left.Tokens + right.Tokens);
    public static Value operator -(Value left, Value right) => new(left.Coin - right.Coin, left.Tokens - right.Tokens);
    public static Value Add(Value left, Value right) => left + right;
    public static Value Subtract(Value left, Value right) => left - right;
}
