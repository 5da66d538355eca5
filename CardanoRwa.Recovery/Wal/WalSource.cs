using System.Collections.Concurrent;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using Microsoft.Win32.SafeHandles;

namespace CardanoRwa.Recovery.Wal;

/// <summary>WAL for a restore, from whichever store has it; what one store has damaged comes from another.</summary>
public sealed class WalSource(IReadOnlyList<IObjectStore> stores, KeyRing keys) : IWalSource
{
    private const int Attempts = 5;
    private const int LargestHistory = 1 << 20;
    private readonly ConcurrentDictionary<string, DataKey> _keys = new();
    private readonly ConcurrentDictionary<string, int> _segmentSizes = new();

    public async Task<WalInventory> InventoryAsync(string systemId, CancellationToken cancellationToken)
    {
        var (found, failure) = await AskAsync(s => StoredWal.ReadAsync(s, systemId, cancellationToken));
        if (found.Count == 0)
        {
            throw failure!;
        }
        var timelines = new List<WalTimeline>();
        foreach (var id in found.SelectMany(f => f.Timelines.Concat(f.Histories)).Distinct().Order())
        {
            var ranges = Join(found.SelectMany(f => f.Ranges(id)));
            var history = found.FirstOrDefault(f => f.Histories.Contains(id)) is { } holder ? await holder.Store.GetAsync(Layout.WalHistory(systemId, id), cancellationToken) : null;
            timelines.Add(new WalTimeline(id, ranges, history is null ? [] : TimelineHistory.Parse(history)));
        }
        return new WalInventory(found[0].SegmentSize, timelines);
    }

    public async Task<bool> FetchAsync(string systemId, string name, string destinationPath, CancellationToken cancellationToken)
    {
        if (name.EndsWith(".history", StringComparison.Ordinal) && uint.TryParse(name.AsSpan(0, 8), System.Globalization.NumberStyles.HexNumber, null, out var timeline))
        {
            if (await OpenHistoryAsync(systemId, timeline, cancellationToken) is { } authentic)
            {
                return await SaveAsync(destinationPath, authentic);
            }
            var (histories, fault) = await AskAsync(s => s.GetAsync(Layout.WalHistory(systemId, timeline), cancellationToken));
            return histories.OfType<byte[]>().FirstOrDefault() is { } history
                ? await SaveAsync(destinationPath, history)
                : fault is null ? false : throw fault;
        }
        var size = await SegmentSizeAsync(systemId, cancellationToken);
        if (WalSegment.TryParse(name, size) is not { } segment)
        {
            return false;
        }
        return await PlaceAsync(destinationPath, file => ReadSettledAsync(systemId, segment, file, cancellationToken));
    }

    /// <summary>The history as its receiver sealed it; null where none did, as before format 1.1.</summary>
    private async Task<byte[]?> OpenHistoryAsync(string systemId, uint timeline, CancellationToken cancellationToken)
    {
        var name = Layout.WalHistorySeal(systemId, timeline);
        Exception? last = null;
        foreach (var store in stores)
        {
            try
            {
                if (await store.FindAsync(name, cancellationToken) is not null)
                {
                    var bytes = new byte[LargestHistory];
                    return bytes[..await OpenAsync(store, name, bytes.Length, (frame, at) => frame.CopyTo(bytes.AsSpan(at)), cancellationToken)];
                }
            }
            catch (Exception e) when (e is DamagedObjectException or StoreException)
            {
                last = e;
            }
        }
        return last is DamagedObjectException ? throw last : null;
    }

    /// <summary>A receiver that stores the whole removes the parts that were just listed: then it is looked again, for 'not found' would end a recovery.</summary>
    private async Task<bool> ReadSettledAsync(string systemId, WalSegment segment, SafeFileHandle into, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadAsync(systemId, segment, into, cancellationToken);
            }
            catch (VanishedException e)
            {
                if (attempt == Attempts)
                {
                    throw new StoreException(e.Store, $"{segment.Name} changes while it is read", isTransient: true, e);
                }
            }
        }
    }

    private async Task<bool> ReadAsync(string systemId, WalSegment segment, SafeFileHandle into, CancellationToken cancellationToken)
    {
        var (found, failure) = await AskAsync(async s => (Store: s, Objects: await s.ListAsync(Layout.WalSegment(systemId, segment.Timeline, segment.Name), cancellationToken).ToListAsync(cancellationToken)));
        DamagedObjectException? damage = null;
        foreach (var (store, objects) in found)
        {
            if (objects.Find(o => o.Key.EndsWith($"/{WalObjects.Whole}", StringComparison.Ordinal)) is not { } whole)
            {
                continue;
            }
            try
            {
                if (await OpenAsync(store, whole.Key, into, new WalPart(0, segment.Size), cancellationToken) == segment.Size)
                {
                    return true;
                }
            }
            catch (DamagedObjectException e)
            {
                damage = e;
            }
            catch (StoreException e)
            {
                failure = e;
            }
        }

        var length = await JoinPartsAsync(segment, found, into, cancellationToken);
        if (length == segment.Size || (length > 0 && failure is null && damage is null))
        {
            return true;
        }
        // Something is there that cannot be read, or a store cannot be asked: less than all would pass for the end of the log.
        return failure is not null ? throw failure : damage is not null ? throw damage : false;
    }

    /// <summary>The parts of all stores that reach furthest from the segment's start; one that is damaged is left out for another.</summary>
    private async Task<int> JoinPartsAsync(WalSegment segment, List<(IObjectStore Store, List<StoredObject> Objects)> found, SafeFileHandle into, CancellationToken cancellationToken)
    {
        var parts = found.SelectMany(f => f.Objects.Select(o => (f.Store, o.Key, Part: WalObjects.ParsePart(o.Key[(o.Key.LastIndexOf('/') + 1)..])))).Where(p => p.Part?.End <= segment.Size).ToList();
        var (end, unread) = (0, 0);
        Exception? last = null;
        while (parts.Where(p => p.Part!.Value.Offset <= end && p.Part.Value.End > end).OrderByDescending(p => p.Part!.Value.End).Select(p => (Found: p, true)).FirstOrDefault() is { Item2: true } next)
        {
            var part = next.Found.Part!.Value;
            try
            {
                if (await OpenAsync(next.Found.Store, next.Found.Key, into, part, cancellationToken) == part.Length)
                {
                    end = part.End;
                    continue;
                }
            }
            catch (Exception e) when (e is DamagedObjectException or StoreException)
            {
                last = e;
                unread = Math.Max(unread, part.End);
            }
            parts.Remove(next.Found);
        }
        // What follows is zeros, also where an object was damaged after its first frames.
        RandomAccess.SetLength(into, end);
        RandomAccess.SetLength(into, segment.Size);
        // What another store has as well costs nothing.
        return last is not null && end < unread ? throw last : end;
    }

    private Task<int> OpenAsync(IObjectStore store, string name, SafeFileHandle into, WalPart part, CancellationToken cancellationToken) =>
        OpenAsync(store, name, part.Length, (frame, at) => RandomAccess.Write(into, frame, part.Offset + at), cancellationToken);

    /// <summary>Hands over a sealed object's bytes, each piece with its offset.</summary>
    /// <returns>How many bytes it has; more than there is room for is damage.</returns>
    private async Task<int> OpenAsync(IObjectStore store, string name, int room, Action<ReadOnlySpan<byte>, int> take, CancellationToken cancellationToken)
    {
        await using var stored = await store.OpenAsync(name, 0, null, cancellationToken) ?? throw new VanishedException(store.Name, name);
        var header = await FrameReader.ReadHeaderAsync(name, stored, cancellationToken);
        using var frames = new FrameReader(name, await KeyAsync(header.KeyId, cancellationToken), header);
        var length = 0;
        while (await frames.ReadAsync(stored, cancellationToken) is { } frame)
        {
            if (length + frame.Length > room)
            {
                throw new DamagedObjectException(name, DamageKind.Altered, "it is longer than it can be");
            }
            take(frame.Span, length);
            length += frame.Length;
        }
        return length;
    }

    private async Task<DataKey> KeyAsync(string id, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue(id, out var known))
        {
            return known;
        }
        return (await keys.OpenAsync(id, cancellationToken)).IsRefused(out var refusal, out var key)
            ? throw new InvalidOperationException($"{refusal.Detail} {refusal.Hint}")
            : _keys.GetOrAdd(id, key);
    }

    private async Task<int> SegmentSizeAsync(string systemId, CancellationToken cancellationToken)
    {
        if (_segmentSizes.TryGetValue(systemId, out var known))
        {
            return known;
        }
        var (found, failure) = await AskAsync(s => WalObjects.ReadClusterAsync(s, systemId, cancellationToken));
        return found.OfType<WalCluster>().FirstOrDefault() is { } cluster
            ? _segmentSizes[systemId] = cluster.SegmentSize
            : failure is null ? WalSegment.DefaultSize : throw failure;
    }

    private async Task<(List<T> Found, Exception? Failure)> AskAsync<T>(Func<IObjectStore, Task<T>> ask)
    {
        var found = new List<T>();
        Exception? failure = null;
        foreach (var store in stores)
        {
            try
            {
                found.Add(await ask(store));
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException)
            {
                failure = e;
            }
        }
        return (found, failure);
    }

    private static List<WalRange> Join(IEnumerable<WalRange> ranges)
    {
        var joined = new List<WalRange>();
        foreach (var range in ranges.OrderBy(r => r.Start))
        {
            if (joined.Count > 0 && range.Start <= joined[^1].End)
            {
                var last = joined[^1];
                joined[^1] = range.End > last.End ? last with { End = range.End, LastStoredAt = range.LastStoredAt } : range.End == last.End && range.LastStoredAt > last.LastStoredAt ? last with { LastStoredAt = range.LastStoredAt } : last;
            }
            else
            {
                joined.Add(range);
            }
        }
        return joined;
    }

    private static Task<bool> SaveAsync(string path, byte[] bytes) => PlaceAsync(path, file =>
    {
        RandomAccess.Write(file, bytes, 0);
        return Task.FromResult(true);
    });

    /// <summary>Writes a file under another name and moves it to its own once it is whole; leaves none where there is nothing to write.</summary>
    private static async Task<bool> PlaceAsync(string path, Func<SafeFileHandle, Task<bool>> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                if (!await write(file))
                {
                    return false;
                }
            }
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>An object was listed and is gone.</summary>
    private sealed class VanishedException(string store, string key) : Exception($"{key} is gone from {store}")
    {
        public string Store => store;
    }
}
