using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Restore;

/// <summary>What a restore will read and write; making it wrote nothing.</summary>
internal sealed record RestorePlan(IReadOnlyList<ChainLink> Chain, WalReach Reach, uint Timeline, IReadOnlyList<string> Segments)
{
    public BackupManifest Backup => Chain[^1].Entry.Manifest;

    public IReadOnlyList<string> BackupIds { get; } = [.. Chain.Select(c => c.Entry.Manifest.Id)];
}

/// <summary>Chooses the backup for a target, and says no to what cannot succeed while nothing has been written yet.</summary>
public sealed class RestorePlanner(BackupCatalogue catalogue, KeyRing keys, IWalSource? wal)
{
    /// <summary>From where to where each cluster in the stores can be restored.</summary>
    public async Task<IReadOnlyList<RestoreWindow>> WindowsAsync(CancellationToken cancellationToken)
    {
        var listing = await catalogue.ListAsync(null, cancellationToken);
        var windows = new List<RestoreWindow>();
        foreach (var cluster in listing.Backups.GroupBy(b => b.Manifest.SystemId))
        {
            var inventory = await InventoryAsync(cluster.Key, cluster.Last().Manifest, cancellationToken);
            windows.AddRange(cluster.Where(b => listing.Chain(b) is not null)
                .Select(b => (b.Manifest, Reach: WalReach.Of(b.Manifest, inventory, b.Manifest.Timeline)!))
                .GroupBy(b => (b.Manifest.Timeline, b.Reach.End))
                .Select(g => new RestoreWindow(cluster.Key, g.Key.Timeline, g.First().Manifest.StopLsn, g.First().Manifest.StoppedAt, g.Key.End, g.Max(b => b.Reach.EndsAt), g.First().Reach.Gap)));
        }
        return windows;
    }

    internal async Task<Outcome<RestorePlan>> PlanAsync(RestoreRequest request, CancellationToken cancellationToken)
    {
        var listing = await catalogue.ListAsync(request.SystemId, cancellationToken);
        var faults = listing.Faults.Count == 0 ? "" : $" {string.Join("; ", listing.Faults)}.";
        if (listing.Backups.Count == 0)
        {
            return new RecoveryRefusal("restore.no-backup", $"There is no backup{(request.SystemId is { } id ? $" of cluster {id}" : "")} in {string.Join(", ", catalogue.Stores.Select(s => s.Name))}.{faults}",
                "Check the stores' addresses; 'backup list' shows what they hold.");
        }
        var clusters = listing.Backups.Select(b => b.Manifest.SystemId).Distinct().ToList();
        if (clusters.Count > 1)
        {
            return new RecoveryRefusal("restore.which-cluster", $"The stores hold backups of clusters {string.Join(", ", clusters)}.", "Say which with --system-id.");
        }

        var inventory = await InventoryAsync(clusters[0], listing.Backups[^1].Manifest, cancellationToken);
        var timeline = request.Timeline ?? Math.Max(listing.Backups.Max(b => b.Manifest.Timeline), inventory.Timelines.Select(t => t.Id).DefaultIfEmpty().Max());
        if (Choose(request, listing, inventory, timeline).IsRefused(out var refusal, out var chosen))
        {
            return refusal with { Detail = refusal.Detail + faults };
        }
        if (request.ServerMajor is { } major && major != chosen.Entry.Manifest.Server.Major)
        {
            return new RecoveryRefusal("restore.version", $"The backup is of PostgreSQL {chosen.Entry.Manifest.Server.Version}, and the programs found are of version {major}.",
                $"Install PostgreSQL {chosen.Entry.Manifest.Server.Major} or point --postgres at its programs.");
        }
        if ((await OpenAsync(listing, chosen.Entry, cancellationToken)).IsRefused(out refusal, out var chain))
        {
            return refusal;
        }
        var segments = request.Target is RestoreTarget.Backup ? [] : chosen.Reach.Segments(chosen.Entry.Manifest, Until(request.Target, listing, chosen)).ToList();
        return new RestorePlan(chain, chosen.Reach, timeline, segments);
    }

    private async Task<WalInventory> InventoryAsync(string systemId, BackupManifest any, CancellationToken cancellationToken) =>
        wal is null ? new WalInventory(any.Server.WalSegmentSize, []) : await wal.InventoryAsync(systemId, cancellationToken);

    private static Outcome<(CatalogueEntry Entry, WalReach Reach)> Choose(RestoreRequest request, CatalogueListing listing, WalInventory inventory, uint timeline)
    {
        var able = listing.Backups.Select(b => (Entry: b, Reach: WalReach.Of(b.Manifest, inventory, timeline)))
            .Where(b => b.Reach is not null && (request.BackupId is null || b.Entry.Manifest.Id == request.BackupId))
            .Select(b => (b.Entry, Reach: b.Reach!)).ToList();
        if (able.Count == 0)
        {
            return new RecoveryRefusal("restore.no-backup", request.BackupId is { } id ? $"There is no backup {id} from which timeline {timeline} can be reached." : $"No backup leads to timeline {timeline}.",
                "'backup list' shows the backups and their timelines; --timeline follows another.");
        }

        var before = able.Where(b => request.Target switch
        {
            RestoreTarget.Time time => b.Entry.Manifest.StoppedAt <= time.At,
            RestoreTarget.Position position => b.Entry.Manifest.StopLsn <= position.At,
            _ => true,
        }).ToList();
        if (before.Count == 0)
        {
            return new RecoveryRefusal("restore.too-early", $"{request.Target} is before the end of the first backup that could lead there.", Window(able));
        }
        var reaching = before.Where(b => request.Target switch
        {
            RestoreTarget.Time time => time.At <= b.Reach.EndsAt,
            RestoreTarget.Position position => position.At <= b.Reach.End,
            _ => true,
        }).ToList();
        if (reaching.Count == 0)
        {
            var gap = before[^1].Reach.Gap is { } missing ? $" WAL is missing: {missing}." : "";
            return new RecoveryRefusal("restore.too-late", $"{request.Target} is after the last WAL that can be replayed.{gap}", Window(able) + " 'latest' goes as far as there is WAL.");
        }
        // A degraded one only where there is no other.
        var good = reaching.Where(b => b.Entry.Manifest.State == BackupState.Good).ToList();
        return (good.Count > 0 ? good : reaching)[^1];
    }

    private static string Window(List<(CatalogueEntry Entry, WalReach Reach)> able)
    {
        var (first, last) = (able[0].Entry.Manifest, able[^1].Reach);
        return $"Reachable: {first.StoppedAt:yyyy-MM-dd HH:mm:ss}Z ({first.StopLsn}) to {last.EndsAt:yyyy-MM-dd HH:mm:ss}Z ({last.End}).";
    }

    /// <summary>WAL after the target is not needed. A time is bounded by the first backup that began after it.</summary>
    private static Lsn Until(RestoreTarget target, CatalogueListing listing, (CatalogueEntry Entry, WalReach Reach) chosen) => target switch
    {
        RestoreTarget.Position position => position.At,
        RestoreTarget.Time time when listing.Backups.FirstOrDefault(b =>
            b.Manifest.Timeline == chosen.Entry.Manifest.Timeline && b.Manifest.StartedAt > time.At && b.Manifest.StartLsn > chosen.Entry.Manifest.StopLsn) is { } next => next.Manifest.StopLsn,
        _ => chosen.Reach.End,
    };

    private async Task<Outcome<IReadOnlyList<ChainLink>>> OpenAsync(CatalogueListing listing, CatalogueEntry entry, CancellationToken cancellationToken)
    {
        if (listing.Chain(entry) is not { } entries)
        {
            return new RecoveryRefusal("restore.broken-chain", $"A backup below {entry.Manifest.Id} is not in the stores.", "Choose another with --backup.");
        }
        var chain = new List<ChainLink>();
        foreach (var item in entries)
        {
            if ((await keys.OpenAsync(item.Manifest.DataKeyId, cancellationToken)).IsRefused(out var refusal, out var key))
            {
                return refusal;
            }
            chain.Add(await OpenLinkAsync(item, key, cancellationToken));
        }
        return chain;
    }

    internal static async Task<ChainLink> OpenLinkAsync(CatalogueEntry item, DataKey key, CancellationToken cancellationToken)
    {
        var name = Layout.Manifest(item.Manifest.SystemId, item.Manifest.Id);
        for (var i = 0; ; i++)
        {
            var store = item.Stores[i];
            try
            {
                var bytes = await store.GetAsync(name, cancellationToken) ?? throw new DamagedObjectException(name, DamageKind.Missing, "it is not in the store");
                var manifest = ManifestFile.Authenticate(name, bytes, key);
                var index = await BackupCatalogue.ReadIndexAsync(store, manifest, cancellationToken);
                return new ChainLink(item with { Manifest = manifest }, index, key);
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException && i + 1 < item.Stores.Count)
            {
                // The next store has it too; if the last one fails as well, that failure is thrown.
            }
        }
    }
}

/// <summary>A stretch of time that can be restored to.</summary>
/// <param name="SystemId">The cluster.</param>
/// <param name="Timeline">The timeline.</param>
/// <param name="From">The end of its first backup ...</param>
/// <param name="FromAt">... and when that was.</param>
/// <param name="To">The end of the WAL.</param>
/// <param name="ToAt">When a store took the last of it.</param>
/// <param name="Gap">What is missing behind it, if anything is.</param>
public sealed record RestoreWindow(string SystemId, uint Timeline, Lsn From, DateTimeOffset FromAt, Lsn To, DateTimeOffset ToAt, string? Gap);
