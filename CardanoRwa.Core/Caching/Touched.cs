namespace CardanoRwa.Core.Caching;

/// <summary>What a change makes stale: the assets that were there before it, and the lists.</summary>
/// <param name="Assets">Existing assets that changed. New ones cannot have been read before.</param>
/// <param name="Lists">Whether anything changed at all.</param>
public sealed record Touched(IReadOnlyCollection<Guid> Assets, bool Lists)
{
    public static readonly Touched Nothing = new([], false);

    public static Touched By(IEnumerable<(string Action, Guid? AssetId)> audit)
    {
        var (created, touched, any) = (new HashSet<Guid>(), new HashSet<Guid>(), false);
        foreach (var (action, assetId) in audit)
        {
            if (assetId is { } id && IsShown(action))
            {
                any = true;
                (action == "asset.created" ? created : touched).Add(id);
            }
        }
        touched.ExceptWith(created);
        return any ? new Touched(touched, true) : Nothing;
    }

    /// <summary>Whether what changed is part of an asset's cached answers. Operations change several times each, and are not.</summary>
    private static bool IsShown(string action) => !action.StartsWith("operation.", StringComparison.Ordinal) && !action.StartsWith("token.", StringComparison.Ordinal);
}
