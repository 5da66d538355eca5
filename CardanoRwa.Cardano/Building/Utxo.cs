namespace CardanoRwa.Cardano.Building;

/// <summary>An output that can be spent, and where it stands.</summary>
public sealed record Utxo(TxIn Input, TxOut Output)
{
    public Value Value => Output.Value;
}
