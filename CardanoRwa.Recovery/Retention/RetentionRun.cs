using System.Text.Json;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Retention;

/// <summary>What retention did, or would do, in one store.</summary>
/// <param name="Store">The store.</param>
/// <param name="Verdicts">On every backup.</param>
/// <param name="RemovedBackups">Backups that went.</param>
/// <param name="RemovedUnfinished">Remains without a manifest that went.</param>
/// <param name="RemovedSegments">Segments of WAL that went.</param>
/// <param name="RemovedBytes">What they took in the store, where it is known.</param>
/// <param name="Spared">What was to go and did not, with the reason: it is read, or the store refused.</param>
/// <param name="Skipped">Why nothing was done here: another worker does it, or the store failed.</param>
public sealed record StoreRetention(
    string Store, IReadOnlyList<RetentionVerdict> Verdicts, IReadOnlyList<string> RemovedBackups, IReadOnlyList<string> RemovedUnfinished, int RemovedSegments, long RemovedBytes,
    IReadOnlyList<string> Spared, string? Skipped);

/// <summary>Removes from each store what its newer, proven backups have replaced. Stores are judged one by one, each by what it holds itself.</summary>
public sealed class RetentionRun(IReadOnlyList<IObjectStore> stores, RetentionOptions options, TimeProvider clock)
{
    public async Task<IReadOnlyList<StoreRetention>> RunAsync(string systemId, bool isDry, CancellationToken cancellationToken)
    {
        var reports = new List<StoreRetention>();
        foreach (var store in stores)
        {
            try
            {
                reports.Add(isDry ? await LookAsync(store, systemId, cancellationToken) : await CleanAsync(store, systemId, cancellationToken));
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException or JsonException)
            {
                reports.Add(new StoreRetention(store.Name, [], [], [], 0, 0, [], e.Message));
            }
        }
        return reports;
    }

    private async Task<StoreRetention> LookAsync(IObjectStore store, string systemId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var bases = await new BaseInventory(store).ReadAsync(systemId, cancellationToken);
        var verdicts = RetentionPlan.Make(bases, await Holds.ReadAsync(store, systemId, now, remove: false, cancellationToken), options, now);
        var gone = verdicts.Where(v => v.Goes).Select(v => v.Backup.Id).ToList();
        var left = bases with { Backups = [.. bases.Backups.Where(b => !gone.Contains(b.Manifest.Id))] };
        var segments = WalCutoff.Below(await StoredWal.ReadAsync(store, systemId, cancellationToken), left).ToList();
        return new StoreRetention(store.Name, verdicts, gone, [.. Abandoned(bases, now).Select(u => u.BackupId)], segments.Count,
            segments.Sum(s => s.StoredBytes) + verdicts.Where(v => v.Goes).Sum(v => v.Backup.StoredBytes), [], null);
    }

    private async Task<StoreRetention> CleanAsync(IObjectStore store, string systemId, CancellationToken cancellationToken)
    {
        if (await RetentionTurn.TakeAsync(store, systemId, clock, cancellationToken) is not { } turn)
        {
            return new StoreRetention(store.Name, [], [], [], 0, 0, [], "another worker is at it");
        }
        var inventory = new BaseInventory(store);
        var bases = await inventory.ReadAsync(systemId, cancellationToken);
        var held = await Holds.ReadAsync(store, systemId, turn.StoreTime, remove: true, cancellationToken);
        var verdicts = RetentionPlan.Make(bases, held, options, clock.GetUtcNow());
        var removal = new BackupRemoval(store, systemId, turn, clock);
        // Newest first, so that at any moment what is left stands on what is there.
        foreach (var verdict in verdicts.Where(v => v.Goes).Reverse())
        {
            await removal.RemoveAsync(verdict.Backup, cancellationToken);
        }
        foreach (var rest in Abandoned(bases, turn.StoreTime).Where(u => !held.Contains(u.BackupId)))
        {
            await removal.RemoveUnfinishedAsync(rest.BackupId, cancellationToken);
        }
        // By what is there now: a backup that was spared keeps its WAL.
        var left = await inventory.ReadAsync(systemId, cancellationToken);
        var segments = await removal.RemoveWalAsync(WalCutoff.Below(await StoredWal.ReadAsync(store, systemId, cancellationToken), left), cancellationToken);
        await turn.EndAsync(cancellationToken);
        return new StoreRetention(store.Name, verdicts, removal.Backups, removal.Unfinished, segments, removal.Bytes, removal.Spared, null);
    }

    private IEnumerable<UnfinishedBase> Abandoned(StoreBases bases, DateTimeOffset now) => bases.Unfinished.Where(u => now - u.NewestAt > options.UnfinishedAfter);
}

/// <summary>The notes of those who read backups.</summary>
internal static class Holds
{
    /// <summary>Backups that are held by the store's clock.</summary>
    /// <param name="store">The store.</param>
    /// <param name="systemId">The cluster.</param>
    /// <param name="now">By the store's clock.</param>
    /// <param name="remove">Removes notes that expired, so that a holder who wakes learns of it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<IReadOnlySet<string>> ReadAsync(IObjectStore store, string systemId, DateTimeOffset now, bool remove, CancellationToken cancellationToken)
    {
        var held = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var found in store.ListAsync(RetentionLayout.Holds(systemId), cancellationToken))
        {
            if (await store.GetAsync(found.Key, cancellationToken) is not { } bytes)
            {
                continue;
            }
            var note = JsonSerializer.Deserialize<HoldNote>(bytes, RecoveryJson.Options)!;
            if (now - found.ModifiedAt <= note.Lasts)
            {
                held.UnionWith(note.Backups);
            }
            else if (remove)
            {
                await store.DeleteAsync(found.Key, cancellationToken);
            }
        }
        return held;
    }
}
