using System.Text.Json.Serialization;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Restore;

namespace CardanoRwa.Worker.Recovery;

/// <summary>What would be lost if the database were gone now, by each way of backing up.</summary>
/// <param name="Mode">The way.</param>
/// <param name="SystemId">The cluster.</param>
/// <param name="Database">Of dumps, which hold one.</param>
/// <param name="RestorableTo">What was committed by then comes back.</param>
/// <param name="Age">How long ago that is.</param>
internal sealed record AchievedRpo(RecoveryMode Mode, string SystemId, string? Database, DateTimeOffset RestorableTo, [property: JsonIgnore] TimeSpan Age)
{
    public double Seconds => Math.Round(Age.TotalSeconds, 1);

    public static IReadOnlyList<AchievedRpo> Of(CatalogueListing listing, IReadOnlyList<RestoreWindow> windows, DateTimeOffset now) =>
    [
        .. windows.GroupBy(w => w.SystemId).Select(g => (g.Key, To: g.Max(w => w.ToAt))).Select(g => new AchievedRpo(RecoveryMode.Physical, g.Key, null, g.To, now - g.To)),
        .. listing.Logical.GroupBy(b => (b.Manifest.SystemId, b.Manifest.Logical!.Database)).Select(g => (g.Key, To: g.Max(b => b.Manifest.StoppedAt)))
            .Select(g => new AchievedRpo(RecoveryMode.Logical, g.Key.SystemId, g.Key.Database, g.To, now - g.To)),
    ];
}
