namespace CardanoRwa.Recovery.Format;

public enum DamageKind
{
    /// <summary>No sealed object, or one of a later version.</summary>
    NotSealed,

    /// <summary>Sealed with another data key than the one at hand.</summary>
    OtherKey,

    /// <summary>Ends before its final frame.</summary>
    Truncated,

    /// <summary>Bytes follow its final frame.</summary>
    Appended,

    /// <summary>A frame is not what was written, not in its place, or not of this object.</summary>
    Altered,

    /// <summary>The object that a manifest names is not in the store.</summary>
    Missing,
}

/// <summary>An object in a store is not what was written there.</summary>
public sealed class DamagedObjectException(string name, DamageKind kind, string detail, Exception? inner = null)
    : IOException($"{name}: {detail}", inner)
{
    public string Name => name;
    public DamageKind Kind => kind;
}
