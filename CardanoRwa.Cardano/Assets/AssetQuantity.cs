namespace CardanoRwa.Cardano.Assets;

/// <summary>An amount of one asset. <see cref="Int128"/> because sums of 64-bit amounts must not wrap.</summary>
public readonly record struct AssetQuantity(AssetId Asset, Int128 Quantity);
