namespace CardanoRwa.Cardano.Scripts;

/// <summary>The slots a transaction may be included in: start included, end excluded; null is unbounded.</summary>
/// <param name="InvalidBefore">Body key 8.</param>
/// <param name="InvalidHereafter">Body key 3, the ttl.</param>
public readonly record struct ValidityInterval(ulong? InvalidBefore, ulong? InvalidHereafter)
{
    public static readonly ValidityInterval Always;

    public bool IsEmpty => InvalidBefore >= InvalidHereafter;
    public bool Contains(ulong slot) => !(slot < InvalidBefore) && !(slot >= InvalidHereafter);

    public ValidityInterval Intersect(ValidityInterval other) => new(
        InvalidBefore is { } start && other.InvalidBefore is { } otherStart ? Math.Max(start, otherStart) : InvalidBefore ?? other.InvalidBefore,
        InvalidHereafter is { } end && other.InvalidHereafter is { } otherEnd ? Math.Min(end, otherEnd) : InvalidHereafter ?? other.InvalidHereafter);
}
