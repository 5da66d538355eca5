using System.Globalization;
using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Retention;

/// <summary>What becomes of a backup, and why.</summary>
public sealed record RetentionVerdict(BackupManifest Backup, bool Goes, string Why);

/// <summary>Decides for one store which backups may go. It looks at what the store has and at nothing else, so no store can talk another into deleting.</summary>
public static class RetentionPlan
{
    /// <param name="bases">What the store has.</param>
    /// <param name="held">Backups that somebody reads now.</param>
    /// <param name="options">How long.</param>
    /// <param name="now">By the worker's clock, which may be wrong: time never counts beyond the newest proven backup.</param>
    public static IReadOnlyList<RetentionVerdict> Make(StoreBases bases, IReadOnlySet<string> held, RetentionOptions options, DateTimeOffset now)
    {
        if (bases.Backups.LastOrDefault(bases.IsProven) is not { } anchor)
        {
            return [.. bases.Backups.Select(b => new RetentionVerdict(b.Manifest, false, "no backup in this store is proven yet"))];
        }
        var newest = anchor.Manifest.StoppedAt < now ? anchor.Manifest.StoppedAt : now;
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var backup in bases.Backups.Where(b => b == anchor || b.Manifest.StopLsn > anchor.Manifest.StopLsn))
        {
            kept[backup.Manifest.Id] = backup == anchor ? "the newest proven one" : "newer than the newest proven one";
        }
        foreach (var backup in bases.Backups.Where(b => held.Contains(b.Manifest.Id)))
        {
            kept.TryAdd(backup.Manifest.Id, "it is being read");
        }
        // Candidates restore by themselves, and a damaged source's copy only counts where its time has no better.
        var whole = bases.Backups.Where(b => bases.Chain(b) is not null).ToList();
        foreach (var slot in whole.GroupBy(b => SlotOf(newest - b.Manifest.StoppedAt, b.Manifest.StoppedAt, options)).Where(s => s.Key is not null))
        {
            kept.TryAdd(Best(slot).Manifest.Id, slot.Key!);
        }
        if (whole.Where(b => newest - b.Manifest.StoppedAt > options.Keep).ToList() is { Count: > 0 } before)
        {
            kept.TryAdd((before.LastOrDefault(b => b.Manifest.State == BackupState.Good) ?? before[^1]).Manifest.Id, "the oldest moment is restored from it");
        }
        foreach (var id in kept.Keys.ToList())
        {
            foreach (var below in bases.Chain(bases.Find(id)!)?.Skip(1) ?? [])
            {
                kept.TryAdd(below.Manifest.Id, $"{id} stands on it");
            }
        }
        return [.. bases.Backups.Select(b => kept.TryGetValue(b.Manifest.Id, out var why)
            ? new RetentionVerdict(b.Manifest, false, why)
            : new RetentionVerdict(b.Manifest, true, newest - b.Manifest.StoppedAt > options.Keep ? $"older than {options.Keep.TotalDays:0.#} days" : bases.Chain(b) is null ? "its chain is broken" : "another of its time stays"))];
    }

    /// <summary>The first of a slot: which one that is does not change when more are added.</summary>
    private static StoredBase Best(IEnumerable<StoredBase> slot) => slot.OrderBy(b => b.Manifest.State == BackupState.Good ? 0 : 1).ThenBy(b => b.Manifest.StopLsn).First();

    private static string? SlotOf(TimeSpan age, DateTimeOffset at, RetentionOptions options) =>
        age <= options.Hourly ? "of the hour " + at.UtcDateTime.ToString("yyyy-MM-dd HH", CultureInfo.InvariantCulture)
        : age <= options.Keep ? "of the day " + at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : null;
}
