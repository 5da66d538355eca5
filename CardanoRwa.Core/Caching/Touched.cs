namespace CardanoRwa.Core.Caching;

/// <summary>What a change makes stale: the assets that were there before it, and the lists.</summary>
/// <param name="Assets">Existing assets that changed. Those that the same transaction created cannot have been read before.</param>
/// <param name="Lists">Whether anything changed at all.</param>
/// <param name="Requested">Whether mints or burns were asked for, which a worker waits for.</param>
public sealed record Touched(IReadOnlyCollection<Guid> Assets, bool Lists, bool Requested)
{
    public static readonly Touched Nothing = new([], false, false);

    /// <summary>All there is: what changed cannot be told.</summary>
    public static readonly Touched Everything = new([], true, false) { All = true };

    public bool All { get; private init; }

    /// <summary>The action that makes an asset.</summary>
    public const string Creation = "asset.created";

    /// <summary>How actions begin that change no part of an asset's cached answers. Operations change several times each.</summary>
    public static readonly IReadOnlyList<string> Unshown = ["operation.", "token."];

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
                (action == Creation ? created : touched).Add(id);
            }
        }
        touched.ExceptWith(created);
        return any || requested ? new Touched(touched, any, requested) : Nothing;
    }

    private static bool IsShown(string action) => !Unshown.Any(prefix => action.StartsWith(prefix, StringComparison.Ordinal));
}
