namespace CardanoRwa.Core.Caching;

/// <summary>What a change makes stale: the assets that were there before it, and the lists.</summary>
/// <param name="Assets">Existing assets that changed. Those that the same transaction created cannot have been read before.</param>
/// <param name="Lists">Whether anything changed at all.</param>
/// <param name="Requested">Whether mints or burns were asked for, which a worker waits for.</param>
public sealed record Touched(IReadOnlyCollection<Guid> Assets, bool Lists, bool Requested)
{
    public static readonly Touched Nothing = new([], false, false);

    /// <summary>By rows of any number of transactions. What one of them created may have been read before another changed it.</summary>
    public static Touched By(IEnumerable<(ulong Transaction, string Action, Guid? AssetId)> audit)
    {
        var each = audit.GroupBy(row => row.Transaction).Select(rows => By(rows.Select(row => (row.Action, row.AssetId)))).ToList();
        return new Touched(each.SelectMany(t => t.Assets).ToHashSet(), each.Exists(t => t.Lists), each.Exists(t => t.Requested));
    }

    /// <summary>By the rows of one transaction.</summary>
    public static Touched By(IEnumerable<(string Action, Guid? AssetId)> audit)
    {
        var (created, touched, any, requested) = (new HashSet<Guid>(), new HashSet<Guid>(), false, false);
        foreach (var (action, assetId) in audit)
        {
            requested |= action == "operation.created";
            if (assetId is { } id && IsShown(action))
            {
                any = true;
                (action == "asset.created" ? created : touched).Add(id);
            }
        }
        touched.ExceptWith(created);
        return any || requested ? new Touched(touched, any, requested) : Nothing;
    }

    /// <summary>Whether what changed is part of an asset's cached answers. Operations change several times each, and are not.</summary>
    private static bool IsShown(string action) => !action.StartsWith("operation.", StringComparison.Ordinal) && !action.StartsWith("token.", StringComparison.Ordinal);
}
