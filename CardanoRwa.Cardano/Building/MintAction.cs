namespace CardanoRwa.Cardano.Building;

/// <summary>An amount to mint (positive) or burn (negative) under a policy.</summary>
public sealed record MintAction(NativeScript Policy, AssetName Name, long Quantity)
{
    public AssetId Asset => new(Policy.Hash, Name);
}
