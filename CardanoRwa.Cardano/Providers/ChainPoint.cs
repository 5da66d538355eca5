namespace CardanoRwa.Cardano.Providers;

/// <summary>A block. <paramref name="Height"/> and <paramref name="Time"/> are null where the provider does not tell.</summary>
public sealed record ChainPoint(ulong Slot, Hash32 Hash, ulong? Height = null, DateTimeOffset? Time = null);
