using System.Security.Cryptography;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Catalogue;

/// <summary>A backup as the stores tell it.</summary>
/// <param name="Manifest">Not authenticated: listing needs no key.</param>
/// <param name="Stores">Those that hold its manifest.</param>
public sealed record CatalogueEntry(BackupManifest Manifest, IReadOnlyList<IObjectStore> Stores);

/// <summary>What a listing found, and what it could not look at.</summary>
/// <param name="Backups">Those that a cluster is restored from, oldest first.</param>
/// <param name="Faults">Stores that failed, and manifests that are damaged: shown, never passed over.</param>
public sealed record CatalogueListing(IReadOnlyList<CatalogueEntry> Backups, IReadOnlyList<string> Faults)
{
    /// <summary>Dumps of a database, oldest first. Apart from the others, because nothing can be replayed on them and no chain stands on one.</summary>
    public IReadOnlyList<CatalogueEntry> Logical { get; init; } = [];

    public CatalogueEntry? Find(string backupId) => Backups.Concat(Logical).FirstOrDefault(b => b.Manifest.Id == backupId);

    /// <summary>The backup and what it is built on, oldest first; null where a link is missing.</summary>
    public IReadOnlyList<CatalogueEntry>? Chain(CatalogueEntry entry)
    {
        var chain = new List<CatalogueEntry>();
        for (var at = entry; at is not null; at = Backups.FirstOrDefault(b => b.Manifest.Id == at.Manifest.ParentId && b.Manifest.SystemId == entry.Manifest.SystemId))
        {
            chain.Insert(0, at);
            if (at.Manifest.Kind != BackupKind.Incremental)
            {
                return chain;
            }
        }
        return null;
    }
}

/// <summary>The catalogue is the manifests in the stores, nothing else.</summary>
/// <param name="stores">Where to look.</param>
/// <param name="keys">Where two stores have different manifests under one name, a key tells which is the one that was written; without one the first store's is shown.</param>
public sealed class BackupCatalogue(IReadOnlyList<IObjectStore> stores, KeyRing? keys = null)
{
    public IReadOnlyList<IObjectStore> Stores => stores;

    /// <param name="systemId">One cluster, or null for every cluster in the stores.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<CatalogueListing> ListAsync(string? systemId, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, (BackupManifest Manifest, string Hash, List<IObjectStore> Stores)>(StringComparer.Ordinal);
        var faults = new List<string>();
        foreach (var store in stores)
        {
            try
            {
                await foreach (var key in ManifestsAsync(store, systemId, cancellationToken))
                {
                    await ReadAsync(store, key, found, faults, cancellationToken);
                }
            }
            catch (StoreException e)
            {
                faults.Add(e.Message);
            }
        }
        var all = found.Values.OrderBy(f => f.Manifest.StopLsn).ThenBy(f => f.Manifest.Id, StringComparer.Ordinal).Select(f => new CatalogueEntry(f.Manifest, f.Stores)).ToLookup(e => e.Manifest.Kind == BackupKind.Logical);
        return new CatalogueListing([.. all[false]], faults) { Logical = [.. all[true]] };
    }

    public static async Task<FileIndex> ReadIndexAsync(IObjectStore store, BackupManifest manifest, CancellationToken cancellationToken)
    {
        var name = Layout.Files(manifest.SystemId, manifest.Id);
        var bytes = await store.GetAsync(name, cancellationToken) ?? throw new DamagedObjectException(name, DamageKind.Missing, "the list of files is not there");
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == manifest.Files.Sha256
            ? FileIndex.Parse(bytes)
            : throw new DamagedObjectException(name, DamageKind.Altered, "it is not the list of files that its manifest names");
    }

    /// <summary>Removes a backup, its manifest first, so that what is half removed is not listed.</summary>
    public async Task<Outcome<int>> DeleteAsync(CatalogueEntry entry, CancellationToken cancellationToken)
    {
        var all = await ListAsync(entry.Manifest.SystemId, cancellationToken);
        var children = all.Backups.Where(b => b.Manifest.ParentId == entry.Manifest.Id && b.Manifest.Kind == BackupKind.Incremental).Select(b => b.Manifest.Id).ToList();
        if (children.Count > 0)
        {
            return new RecoveryRefusal("backup.has-children", $"{string.Join(", ", children)} would not restore without {entry.Manifest.Id}.", "Delete those first, newest first.");
        }

        var count = 0;
        foreach (var store in entry.Stores)
        {
            await store.DeleteAsync(Layout.Manifest(entry.Manifest.SystemId, entry.Manifest.Id), cancellationToken);
            count += await RemoveAsync(store, Layout.Base(entry.Manifest.SystemId, entry.Manifest.Id), cancellationToken);
        }
        return count;
    }

    /// <summary>Removes what backups that never ended left behind.</summary>
    /// <param name="olderThan">A younger one may still be running.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<string>> RemoveUnfinishedAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        var removed = new List<string>();
        foreach (var store in stores)
        {
            var folders = new Dictionary<string, (bool HasManifest, DateTimeOffset Newest)>(StringComparer.Ordinal);
            await foreach (var item in store.ListAsync("", cancellationToken))
            {
                if (item.Key.Split('/') is [var systemId, "base", var backupId, ..])
                {
                    var folder = Layout.Base(systemId, backupId);
                    var (hasManifest, newest) = folders.GetValueOrDefault(folder);
                    folders[folder] = (hasManifest || item.Key.EndsWith("/manifest.json", StringComparison.Ordinal), item.ModifiedAt > newest ? item.ModifiedAt : newest);
                }
            }
            foreach (var folder in folders.Where(f => !f.Value.HasManifest && f.Value.Newest < olderThan).Select(f => f.Key))
            {
                await RemoveAsync(store, folder, cancellationToken);
                removed.Add($"{store.Name}:{folder}");
            }
        }
        return removed;
    }

    private static async Task<int> RemoveAsync(IObjectStore store, string prefix, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var item in store.ListAsync(prefix, cancellationToken))
        {
            keys.Add(item.Key);
        }
        foreach (var key in keys)
        {
            await store.DeleteAsync(key, cancellationToken);
        }
        return keys.Count;
    }

    private async Task ReadAsync(
        IObjectStore store, string key, Dictionary<string, (BackupManifest Manifest, string Hash, List<IObjectStore> Stores)> found, List<string> faults, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(key, cancellationToken) is not { } bytes)
        {
            return;
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (found.TryGetValue(key, out var known))
        {
            if (known.Hash == hash)
            {
                known.Stores.Add(store);
            }
            else
            {
                faults.Add($"{store.Name}: {key} is not the same as in {known.Stores[0].Name}");
                if (await IsAuthenticAsync(key, bytes, cancellationToken) && !(await known.Stores[0].GetAsync(key, cancellationToken) is { } other && await IsAuthenticAsync(key, other, cancellationToken)))
                {
                    found[key] = (ManifestFile.Parse(key, bytes), hash, [store]);
                }
            }
            return;
        }
        try
        {
            found[key] = (ManifestFile.Parse(key, bytes), hash, [store]);
        }
        catch (DamagedObjectException e)
        {
            faults.Add($"{store.Name}: {e.Message}");
        }
    }

    private async Task<bool> IsAuthenticAsync(string name, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            if (keys is not { CanOpen: true } || (await keys.OpenAsync(ManifestFile.Parse(name, bytes).DataKeyId, cancellationToken)).IsRefused(out _, out var key))
            {
                return false;
            }
            using (key)
            {
                ManifestFile.Authenticate(name, bytes, key);
                return true;
            }
        }
        catch (DamagedObjectException)
        {
            return false;
        }
    }

    private static async IAsyncEnumerable<string> ManifestsAsync(
        IObjectStore store, string? systemId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in store.ListAsync(systemId is null ? "" : Layout.Bases(systemId), cancellationToken))
        {
            if (item.Key.Split('/') is [_, "base", _, "manifest.json"])
            {
                yield return item.Key;
            }
        }
    }
}
