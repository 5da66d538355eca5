using System.Text.Json;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Restored;

/// <summary>A drill to be done by a worker.</summary>
/// <param name="Full">Read every page, every index and the catalogs too.</param>
/// <param name="Store">A certain store; else the one that was drilled least recently.</param>
public sealed record RequestDrill(bool Full = false, string? Store = null)
{
    public RawJson ToParameters(string actor) => new(JsonSerializer.Serialize(
        Store is null ? new { full = Full, requestedBy = actor } : (object)new { full = Full, store = Store, requestedBy = actor }));
}

public sealed record DrillList(IReadOnlyList<RawJson> Items);

public static class DrillRequests
{
    public const string JobKind = "drill";
}
