using System.Security.Cryptography;
using CardanoRwa.Core.ChainSnapshots;
using CardanoRwa.Ipfs;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Storage;

namespace CardanoRwa.Worker.ChainSnapshots;

/// <summary>Snapshots of the chain in the stores and on IPFS, sealed like backups because IPFS is public.</summary>
internal sealed class SnapshotShelf(IReadOnlyList<IObjectStore> stores, KeyRing keys, TimeProvider clock)
{
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    public static string Folder(string systemId) => $"{systemId}/chain/";

    /// <summary>Takes one, seals it into every store, and pins it.</summary>
    public async Task<SnapshotRecord> TakeAsync(ChainSnapshotWriter writer, IPinService? pins, string systemId, Action<string, string> onFailure, CancellationToken cancellationToken)
    {
        var id = $"chain-{clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";
        var since = (await ListAsync(systemId, cancellationToken)) is [.., var last] ? last.Summary.Header.Block.Height : 0;
        var path = Path.Combine(Path.GetTempPath(), $"{id}.jsonl");
        try
        {
            await using var plain = new FileStream(path, Private(FileMode.CreateNew));
            var summary = await writer.WriteAsync(plain, since, cancellationToken);
            plain.Position = 0;
            var plainHash = Convert.ToHexStringLower(await SHA256.HashDataAsync(plain, cancellationToken));
            plain.Position = 0;
            using var key = await keys.CreateAsync((s, e) => onFailure(s.Name, e.Message), cancellationToken);
            var name = $"{Folder(systemId)}{id}.jsonl";
            var written = await SealAsync(name, key, plain, onFailure, cancellationToken);
            var (cid, pinnedAs, fault) = pins is null ? (null, null, null) : await PinAsync(name, pins, cancellationToken);
            var record = new SnapshotRecord(SnapshotRecord.CurrentVersion, id, summary, name, key.Id, plainHash, written.Sha256, written.StoredLength, cid, pinnedAs, fault);
            await using var upload = await FanoutUpload.CreateAsync(stores, $"{Folder(systemId)}{id}.json", (s, e) => onFailure(s.Name, e.Message), cancellationToken);
            await upload.WriteAsync(TaggedJson.ToBytes(record, key), cancellationToken);
            await upload.CompleteAsync(ifAbsent: true, cancellationToken);
            return record;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Oldest first, from whichever stores answer.</summary>
    public async Task<IReadOnlyList<SnapshotRecord>> ListAsync(string? systemId, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, SnapshotRecord>(StringComparer.Ordinal);
        StoreException? failure = null;
        var answered = 0;
        foreach (var store in stores)
        {
            try
            {
                await foreach (var item in store.ListAsync(systemId is null ? "" : Folder(systemId), cancellationToken))
                {
                    if (item.Key.Split('/') is [_, "chain", var file] && file.EndsWith(".json", StringComparison.Ordinal) && !found.ContainsKey(file) && await store.GetAsync(item.Key, cancellationToken) is { } bytes)
                    {
                        found[file] = TaggedJson.Parse<SnapshotRecord>(item.Key, bytes);
                    }
                }
                answered++;
            }
            catch (StoreException e)
            {
                failure = e;
            }
        }
        return answered == 0 && failure is not null ? throw failure : [.. found.Values];
    }

    /// <summary>The plain lines, from the first store that has the object undamaged to where it has been read.</summary>
    public async Task<Outcome<Stream>> OpenAsync(SnapshotRecord record, IObjectStore store, CancellationToken cancellationToken)
    {
        if ((await keys.OpenAsync(record.DataKeyId, cancellationToken)).IsRefused(out var refusal, out var key))
        {
            return refusal;
        }
        // The stream has the object's cipher from the start and needs the key no longer.
        using (key)
        {
            return await SealedStream.OpenAsync(store, record.Object, key, cancellationToken)
                ?? (Outcome<Stream>)new RecoveryRefusal("snapshot.missing", $"Store {store.Name} has no {record.Object}.", "Another store may have it.");
        }
    }

    /// <summary>Removes what is older than 90 days, from IPFS first: what nobody lists any more, nobody would unpin.</summary>
    /// <param name="systemId">Whose.</param>
    /// <param name="pins">Where they are pinned; one that is pinned and cannot be unpinned stays.</param>
    /// <param name="onFailure">Told of a snapshot that stays, and why; it is tried again at the next turn.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<string>> ExpireAsync(string systemId, IPinService? pins, Action<string, string> onFailure, CancellationToken cancellationToken)
    {
        var removed = new List<string>();
        // The newest stays, however old.
        foreach (var record in (await ListAsync(systemId, cancellationToken)).SkipLast(1).Where(r => r.Summary.Header.TakenAt < clock.GetUtcNow() - Kept))
        {
            try
            {
                await RemoveAsync(systemId, record, pins, cancellationToken);
                removed.Add(record.Id);
            }
            catch (Exception e) when (e is PinException or StoreException)
            {
                onFailure(record.Id, e.Message);
            }
        }
        return removed;
    }

    /// <summary>The record goes last in each store, so that a removal that was cut off is found again.</summary>
    private async Task RemoveAsync(string systemId, SnapshotRecord record, IPinService? pins, CancellationToken cancellationToken)
    {
        if (record.PinnedAs is { } pinned)
        {
            await (pins ?? throw new PinException("it is pinned, and no service to unpin it from is configured", isTransient: true)).UnpinAsync(pinned, cancellationToken);
        }
        foreach (var store in stores)
        {
            await store.DeleteAsync(record.Object, cancellationToken);
            foreach (var wrapped in await store.ListAsync(Layout.KeyObjects(record.DataKeyId), cancellationToken).ToListAsync(cancellationToken))
            {
                await store.DeleteAsync(wrapped.Key, cancellationToken);
            }
            await store.DeleteAsync($"{Folder(systemId)}{record.Id}.json", cancellationToken);
        }
    }

    public static FileStreamOptions Private(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return options;
    }

    private async Task<SealedObject> SealAsync(string name, DataKey key, Stream plain, Action<string, string> onFailure, CancellationToken cancellationToken)
    {
        await using var writer = new SealedWriter(name, key, SealedCompression.Zstd, await FanoutUpload.CreateAsync(stores, name, (s, e) => onFailure(s.Name, e.Message), cancellationToken));
        var buffer = new byte[1 << 20];
        for (int count; (count = await plain.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            await writer.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        return await writer.CompleteAsync(ifAbsent: true, cancellationToken) ?? throw new InvalidOperationException($"{name} is there already.");
    }

    /// <summary>Read back from a store, so that what is pinned is what is kept.</summary>
    private async Task<(string? Cid, string? PinnedAs, string? Fault)> PinAsync(string name, IPinService pins, CancellationToken cancellationToken)
    {
        var cid = await CidAsync(name, TreeOptions.Version1, cancellationToken);
        try
        {
            await using var content = await AnyAsync(name, cancellationToken);
            var answered = await pins.PinAsync(content, cid, cancellationToken);
            var expected = pins.Tree == TreeOptions.Version1 ? cid : await CidAsync(name, pins.Tree, cancellationToken);
            return answered == expected ? (cid, answered, null) : (cid, null, $"{pins.Name} answered {answered}, the bytes have {expected}");
        }
        catch (PinException e)
        {
            return (cid, null, e.Message);
        }
    }

    private async Task<string> CidAsync(string name, TreeOptions tree, CancellationToken cancellationToken)
    {
        await using var content = await AnyAsync(name, cancellationToken);
        return (await FileTree.ReadAsync(content, tree, null, cancellationToken)).Cid.ToString();
    }

    private async Task<Stream> AnyAsync(string name, CancellationToken cancellationToken)
    {
        StoreException? failure = null;
        foreach (var store in stores)
        {
            try
            {
                if (await store.OpenAsync(name, 0, null, cancellationToken) is { } stream)
                {
                    return stream;
                }
            }
            catch (StoreException e)
            {
                failure = e;
            }
        }
        throw failure ?? new StoreException("stores", $"none has {name}", isTransient: false);
    }
}
