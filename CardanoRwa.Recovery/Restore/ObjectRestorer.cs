using System.Collections.Concurrent;
using System.IO.Hashing;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;

namespace CardanoRwa.Recovery.Restore;

/// <summary>One backup of the chain, ready to be read.</summary>
internal sealed record ChainLink(CatalogueEntry Entry, FileIndex Index, DataKey Key);

/// <summary>Takes bytes of files as they come out of data objects.</summary>
internal interface IFileSink
{
    ValueTask WriteAsync(string path, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}

/// <summary>Reads what is wanted of data objects, each from the first store that has it undamaged.</summary>
internal sealed class ObjectRestorer(IReadOnlyList<ChainLink> chain, RecoveryProgress progress, TimeProvider clock)
{
    // With less than half of an object wanted, frames are asked for by range.
    private const double WholeFrom = 0.5;

    private readonly ConcurrentDictionary<string, ulong> _sums = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _fallbacks = [];

    private long _waited;
    private long _worked;

    /// <summary>The share of its time in which readers waited for a store; the rest is opening, unpacking and writing.</summary>
    public double WaitingShare => _worked == 0 ? 0 : Math.Min(1, (double)_waited / _worked);

    public IReadOnlyList<string> Fallbacks => [.. _fallbacks.Order(StringComparer.Ordinal)];

    /// <summary>Of the files' extents in the newest backup.</summary>
    public IReadOnlyDictionary<string, ulong> Sums => _sums;

    public async Task RestoreAsync(WantedObject wanted, IFileSink sink, CancellationToken cancellationToken)
    {
        var link = chain[wanted.Level];
        var manifest = link.Entry.Manifest;
        var name = Layout.Data(manifest.SystemId, manifest.Id, wanted.Number);
        var facts = manifest.Objects.First(o => o.Number == wanted.Number);
        for (var i = 0; ; i++)
        {
            var store = link.Entry.Stores[i];
            var sums = new List<(string Path, ulong Sum)>();
            long done = 0;
            var began = clock.GetTimestamp();
            try
            {
                foreach (var (firstFrame, lastFrame, ranges) in Runs(wanted, facts))
                {
                    await ReadAsync(store, name, sink, link.Key, facts, firstFrame, lastFrame, ranges, sums, n => { done += n; progress.Did(n); }, cancellationToken);
                }
                if (wanted.Level == chain.Count - 1)
                {
                    foreach (var (path, sum) in sums)
                    {
                        _sums.AddOrUpdate(path, sum, (_, before) => unchecked(before + sum));
                    }
                }
                return;
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException && i + 1 < link.Entry.Stores.Count)
            {
                progress.Did(-done);
                _fallbacks.Add(e.Message);
            }
            finally
            {
                Interlocked.Add(ref _worked, clock.GetTimestamp() - began);
            }
        }
    }

    /// <summary>Which frames to read in one go: the whole object, or runs of frames with something wanted in them.</summary>
    private static IEnumerable<(int First, int Last, List<WantedRange> Ranges)> Runs(WantedObject wanted, DataObject facts)
    {
        var last = facts.Frames.Count - 1;
        if (wanted.Bytes >= facts.PlainLength * WholeFrom)
        {
            yield return (0, last, wanted.Ranges);
            yield break;
        }
        var ranges = new List<WantedRange>();
        var (runFirst, runLast) = (-1, -1);
        foreach (var range in wanted.Ranges)
        {
            var (first, final) = ((int)(range.Position >> SealedHeader.DefaultFrameSizeLog2), (int)((range.Position + range.Length - 1) >> SealedHeader.DefaultFrameSizeLog2));
            if (ranges.Count > 0 && first > runLast + 1)
            {
                yield return (runFirst, runLast, ranges);
                ranges = [];
            }
            if (ranges.Count == 0)
            {
                (runFirst, runLast) = (first, final);
            }
            ranges.Add(range);
            runLast = Math.Max(runLast, final);
        }
        if (ranges.Count > 0)
        {
            yield return (runFirst, runLast, ranges);
        }
    }

    private async Task ReadAsync(
        IObjectStore store, string name, IFileSink sink, DataKey key, DataObject facts, int firstFrame, int lastFrame, List<WantedRange> ranges,
        List<(string, ulong)> sums, Action<long> onBytes, CancellationToken cancellationToken)
    {
        var offset = SealedHeader.Length + facts.Frames.Take(firstFrame).Sum(f => (long)f);
        var isWhole = firstFrame == 0 && lastFrame == facts.Frames.Count - 1;
        SealedHeader? header = null;
        if (firstFrame > 0)
        {
            await using var start = await store.OpenAsync(name, 0, SealedHeader.Length, cancellationToken) ?? throw Missing(name);
            header = await FrameReader.ReadHeaderAsync(name, start, cancellationToken);
        }
        long? length = isWhole ? null : facts.Frames.Skip(firstFrame).Take(lastFrame - firstFrame + 1).Sum(f => (long)f) + (firstFrame == 0 ? SealedHeader.Length : 0);
        var opening = clock.GetTimestamp();
        await using var stored = await store.OpenAsync(name, firstFrame == 0 ? 0 : offset, length, cancellationToken) ?? throw Missing(name);
        await using var stream = new TimedStream(stored, clock, opening, ticks => Interlocked.Add(ref _waited, ticks));
        header ??= await FrameReader.ReadHeaderAsync(name, stream, cancellationToken);
        using var frames = new FrameReader(name, key, header, firstFrame);

        var (next, position, hash) = (0, (long)firstFrame * header.FrameSize, (XxHash3?)null);
        for (var frame = firstFrame; frame <= lastFrame; frame++)
        {
            var bytes = await frames.ReadAsync(stream, cancellationToken) ?? throw new DamagedObjectException(name, DamageKind.Truncated, "it has fewer frames than its manifest says");
            progress.Stored(facts.Frames[frame]);
            while (next < ranges.Count && ranges[next].Position < position + bytes.Length)
            {
                var range = ranges[next];
                var from = Math.Max(range.Position, position);
                var to = Math.Min(range.Position + range.Length, position + bytes.Length);
                var part = bytes[(int)(from - position)..(int)(to - position)];
                await sink.WriteAsync(range.Path, range.Offset + (from - range.Position), part, cancellationToken);
                onBytes(part.Length);
                if (range.Seed is { } seed)
                {
                    hash ??= new XxHash3(seed);
                    hash.Append(part.Span);
                }
                if (to < range.Position + range.Length)
                {
                    break;
                }
                if (hash is not null)
                {
                    sums.Add((range.Path, hash.GetCurrentHashAsUInt64()));
                    hash = null;
                }
                next++;
            }
            position += bytes.Length;
        }
        if (isWhole && await frames.ReadAsync(stream, cancellationToken) is not null)
        {
            throw new DamagedObjectException(name, DamageKind.Appended, "it has more frames than its manifest says");
        }
        if (next < ranges.Count)
        {
            throw new DamagedObjectException(name, DamageKind.Truncated, "it ends before what its backup's list of files says");
        }
    }

    private static DamagedObjectException Missing(string name) => new(name, DamageKind.Missing, "it is not in the store");
}
