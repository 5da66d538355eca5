using System.Collections.Concurrent;
using System.Globalization;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Retention;

/// <summary>A backup in one store.</summary>
/// <param name="Manifest">Not authenticated.</param>
/// <param name="VerifiedAt">When every byte of it was last read back from this store; null never.</param>
public sealed record StoredBase(BackupManifest Manifest, DateTimeOffset? VerifiedAt);

/// <summary>A folder of a backup that has no manifest: running, killed, or half removed.</summary>
public sealed record UnfinishedBase(string BackupId, DateTimeOffset NewestAt, int Objects);

/// <summary>What one store has of a cluster's base backups.</summary>
/// <param name="Backups">Oldest first.</param>
/// <param name="Unfinished">Those without a manifest.</param>
/// <param name="Faults">Manifests that cannot be read.</param>
public sealed record StoreBases(IReadOnlyList<StoredBase> Backups, IReadOnlyList<UnfinishedBase> Unfinished, IReadOnlyList<string> Faults)
{
    public StoredBase? Find(string? backupId) => Backups.FirstOrDefault(b => b.Manifest.Id == backupId);

    /// <summary>The backup and what it is built on, itself first; null where a link is missing.</summary>
    public IReadOnlyList<StoredBase>? Chain(StoredBase backup)
    {
        var chain = new List<StoredBase>();
        for (var at = backup; at is not null; at = Find(at.Manifest.ParentId))
        {
            chain.Add(at);
            if (at.Manifest.Kind != BackupKind.Incremental)
            {
                return chain;
            }
        }
        return null;
    }

    /// <summary>Good, and read back whole, and so is all it is built on.</summary>
    public bool IsProven(StoredBase backup) => Chain(backup) is { } chain && chain.All(b => b.Manifest.State == BackupState.Good && b.VerifiedAt is not null);
}

/// <summary>Reads a store's base backups by their names. Manifests never change, so each is read once.</summary>
public sealed class BaseInventory(IObjectStore store)
{
    private readonly ConcurrentDictionary<string, BackupManifest> _manifests = new(StringComparer.Ordinal);

    public async Task<StoreBases> ReadAsync(string systemId, CancellationToken cancellationToken)
    {
        var folders = new Dictionary<string, Folder>(StringComparer.Ordinal);
        await foreach (var item in store.ListAsync(Layout.Bases(systemId), cancellationToken))
        {
            if (item.Key.Split('/') is [_, _, var id, .. var rest])
            {
                (folders.TryGetValue(id, out var folder) ? folder : folders[id] = new Folder()).Add(rest, item);
            }
        }
        var (backups, faults) = (new List<StoredBase>(), new List<string>());
        foreach (var (id, folder) in folders.Where(f => f.Value.HasManifest))
        {
            try
            {
                // A dump is no base: no WAL goes on from it, and its own schedule lets go of it.
                if (await ManifestAsync(systemId, id, cancellationToken) is { Kind: not BackupKind.Logical } manifest)
                {
                    backups.Add(new StoredBase(manifest, folder.VerifiedAt));
                }
            }
            catch (DamagedObjectException e)
            {
                faults.Add(e.Message);
            }
        }
        return new StoreBases(
            [.. backups.OrderBy(b => b.Manifest.StopLsn).ThenBy(b => b.Manifest.Id, StringComparer.Ordinal)],
            [.. folders.Where(f => !f.Value.HasManifest).Select(f => new UnfinishedBase(f.Key, f.Value.NewestAt, f.Value.Objects))],
            faults);
    }

    private async Task<BackupManifest?> ManifestAsync(string systemId, string backupId, CancellationToken cancellationToken)
    {
        var name = Layout.Manifest(systemId, backupId);
        if (_manifests.TryGetValue(name, out var known))
        {
            return known;
        }
        return await store.GetAsync(name, cancellationToken) is { } bytes ? _manifests[name] = ManifestFile.Parse(name, bytes) : null;
    }

    private sealed class Folder
    {
        public bool HasManifest { get; private set; }
        public DateTimeOffset? VerifiedAt { get; private set; }
        public DateTimeOffset NewestAt { get; private set; }
        public int Objects { get; private set; }

        public void Add(string[] rest, StoredObject item)
        {
            Objects++;
            NewestAt = item.ModifiedAt > NewestAt ? item.ModifiedAt : NewestAt;
            if (rest is ["manifest.json"])
            {
                HasManifest = true;
            }
            else if (rest is ["verified", var name] && DateTimeOffset.TryParseExact(Path.GetFileNameWithoutExtension(name), RetentionLayout.ProofTime, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
            {
                // Names sort by time, so the last one is the newest.
                VerifiedAt = at;
            }
        }
    }
}
