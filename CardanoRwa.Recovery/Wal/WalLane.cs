using System.Threading.Channels;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Recovery.Wal;

/// <summary>
/// Brings received WAL into one store: parts while a segment grows, the whole once it is full, then the parts go. A store that fails is
/// tried for ever, at its own pace; the others do not wait for it.
/// </summary>
internal sealed partial class WalLane(IObjectStore store, WalCopies copies, string systemId, int segmentSize, DataKey key, WalSpool spool, WalOptions options, TimeProvider clock, Action progressed, ILogger logger)
{
    private const int LargestPart = 4 << 20;
    private const int PartsToMerge = 64;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private readonly Channel<WalFeed> _feeds = Channel.CreateUnbounded<WalFeed>();
    private readonly List<(WalPart Part, int Level)> _parts = [];
    private readonly Lock _lock = new();
    private WalSegment _partsOf;
    private WalSegment _toPack;
    private Task? _packing;
    private WalFeed? _feed;
    private Lsn _durable;
    private long _markedAt;
    private bool _isPrepared;
    private DateTimeOffset? _allUntil;

    public IObjectStore Store => store;
    public string? Fault { get; private set; }

    /// <summary>The timeline and position up to which the store has everything.</summary>
    public (uint Timeline, Lsn At)? Durable
    {
        get
        {
            lock (_lock)
            {
                return _feed is null || _durable == default ? null : (_feed.Timeline, _durable);
            }
        }
    }

    /// <summary>Commits acknowledged until then are in the store.</summary>
    public DateTimeOffset? AllUntil
    {
        get
        {
            lock (_lock)
            {
                return _allUntil;
            }
        }
    }

    /// <summary>The age of the oldest WAL that is received and not yet stored.</summary>
    public TimeSpan Lag
    {
        get
        {
            var (feed, durable) = (_feed, _durable);
            return feed?.WaitingSince(durable) is { } since ? (since == TimeSpan.MaxValue ? TimeSpan.FromDays(1) : since) : TimeSpan.Zero;
        }
    }

    /// <summary>Whether the store needs nothing of a segment any more.</summary>
    public bool IsDoneWith(WalSegment segment)
    {
        lock (_lock)
        {
            return _feed is not null && (segment.Timeline < _toPack.Timeline || (segment.Timeline == _toPack.Timeline && segment.Number < _toPack.Number));
        }
    }

    public void Follow(WalFeed feed) => _feeds.Writer.TryWrite(feed);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StoreAsync(cancellationToken);
        }
        finally
        {
            // It seals with a data key that is wiped once this has ended.
            await (_packing ?? Task.CompletedTask).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        await foreach (var feed in _feeds.Reader.ReadAllAsync(cancellationToken))
        {
            var failures = 0;
            var begun = false;
            while (!begun || !feed.IsEnded || _durable < feed.End)
            {
                try
                {
                    if (!begun)
                    {
                        await BeginAsync(feed, cancellationToken);
                        begun = true;
                    }
                    await StepAsync(feed, cancellationToken);
                    (failures, Fault) = (0, null);
                }
                catch (Exception e) when (e is StoreException or DamagedObjectException)
                {
                    Fault = e.Message;
                    if (failures++ == 0)
                    {
                        LogStoreFailed(logger, e, store.Name);
                    }
                    progressed();
                    var pause = TimeSpan.FromSeconds(0.25 * Math.Pow(2, Math.Min(failures, 6)));
                    await Task.Delay(pause < LongestPause ? pause : LongestPause, clock, cancellationToken);
                }
            }
            if (_packing is not null)
            {
                await _packing;
            }
        }
    }

    private async Task BeginAsync(WalFeed feed, CancellationToken cancellationToken)
    {
        if (!_isPrepared)
        {
            await copies.EnsureKeyAsync(store, key.Id, cancellationToken);
            await WriteClusterAsync(cancellationToken);
            _isPrepared = true;
        }
        var stored = await StoredWal.ReadAsync(store, systemId, cancellationToken, segmentSize);
        var first = feed.SegmentAt(feed.Start);
        var durable = stored.EndFrom(feed.Timeline, feed.Start);
        lock (_lock)
        {
            (_feed, _durable, _toPack) = (feed, durable, first);
        }
        Load(stored, feed.SegmentAt(durable));
        progressed();
    }

    /// <summary>One that is there stays, unless it cannot be read: what it says is known here.</summary>
    private async Task WriteClusterAsync(CancellationToken cancellationToken)
    {
        var isDamaged = false;
        try
        {
            await WalObjects.ReadClusterAsync(store, systemId, cancellationToken);
        }
        catch (DamagedObjectException e)
        {
            LogStoreFailed(logger, e, store.Name);
            isDamaged = true;
        }
        await WalObjects.WriteAsync(store, WalObjects.Cluster(systemId), new WalCluster(segmentSize), ifAbsent: !isDamaged, cancellationToken);
    }

    private async Task StepAsync(WalFeed feed, CancellationToken cancellationToken)
    {
        Pack(feed, cancellationToken);
        var changed = feed.ChangedAsync();
        var (durable, end) = (_durable, feed.End);
        if (end <= durable)
        {
            await MarkAsync(feed, cancellationToken);
            if (!feed.IsEnded)
            {
                await Task.WhenAny(changed, Task.Delay(options.FlushInterval + TimeSpan.FromMilliseconds(50), clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
            return;
        }

        var segment = feed.SegmentAt(durable);
        var rest = options.Synchronous || end.Minus(durable) >= (long)options.FlushKibibytes << 10 || end >= segment.End || feed.IsEnded || feed.WaitingSince(durable) is not { } waited
            ? TimeSpan.Zero
            : options.FlushInterval - waited;
        if (rest > TimeSpan.Zero)
        {
            await Task.WhenAny(changed, Task.Delay(rest, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }

        if (durable == segment.Start && end >= segment.End)
        {
            await StoreWholeAsync(segment, cancellationToken);
            Advance(feed, segment.End);
            return;
        }
        var offset = segment.OffsetOf(durable);
        var length = (int)Math.Min(Math.Min(end.Minus(durable), segment.End.Minus(durable)), LargestPart);
        await StorePartAsync(segment, new WalPart(offset, length), level: 0, cancellationToken);
        Advance(feed, durable.Plus(length));
        await MergeAsync(segment, cancellationToken);
        await MarkAsync(feed, cancellationToken);
    }

    private void Advance(WalFeed feed, Lsn to)
    {
        lock (_lock)
        {
            _durable = to;
            _allUntil = feed.AllUntil(to) ?? _allUntil;
        }
        progressed();
    }

    private async Task StorePartAsync(WalSegment segment, WalPart part, int level, CancellationToken cancellationToken)
    {
        if (_partsOf != segment)
        {
            _parts.Clear();
            _partsOf = segment;
        }
        if (await SealAsync(Layout.WalPart(systemId, segment.Timeline, segment.Name, part.Offset, part.Length), segment, part, cancellationToken))
        {
            _parts.Add((part, level));
        }
        else
        {
            // The spool had to give the segment up; another store has it.
            await copies.CopySegmentAsync(store, segment, cancellationToken);
        }
    }

    private async Task StoreWholeAsync(WalSegment segment, CancellationToken cancellationToken)
    {
        if (!await SealAsync(Layout.WalWhole(systemId, segment.Timeline, segment.Name), segment, new WalPart(0, segmentSize), cancellationToken))
        {
            await copies.CopySegmentAsync(store, segment, cancellationToken);
        }
    }

    /// <returns>False when the spool has it no more. A name that is taken holds the same bytes: a position of a timeline has one content.</returns>
    private async Task<bool> SealAsync(string name, WalSegment segment, WalPart part, CancellationToken cancellationToken)
    {
        await using var writer = new SealedWriter(name, key, SealedCompression.Zstd, await store.CreateAsync(name, cancellationToken));
        for (var done = 0; done < part.Length;)
        {
            var piece = writer.Room[..Math.Min(writer.Room.Length, part.Length - done)];
            if (!await spool.ReadAsync(segment, part.Offset + done, piece, cancellationToken))
            {
                return false;
            }
            await writer.AdvanceAsync(piece.Length, cancellationToken);
            done += piece.Length;
        }
        await writer.CompleteAsync(ifAbsent: true, cancellationToken);
        return true;
    }

    /// <summary>Many small parts into one: an idle database would otherwise fill a segment with a hundred thousand.</summary>
    private async Task MergeAsync(WalSegment segment, CancellationToken cancellationToken)
    {
        while (_partsOf == segment && _parts.Count >= PartsToMerge && _parts[^PartsToMerge..] is var tail && tail.TrueForAll(p => p.Level == tail[^1].Level)
            && tail.Zip(tail.Skip(1)).All(p => p.First.Part.End == p.Second.Part.Offset))
        {
            var merged = new WalPart(tail[0].Part.Offset, tail[^1].Part.End - tail[0].Part.Offset);
            if (!await SealAsync(Layout.WalPart(systemId, segment.Timeline, segment.Name, merged.Offset, merged.Length), segment, merged, cancellationToken))
            {
                return;
            }
            _parts.RemoveRange(_parts.Count - PartsToMerge, PartsToMerge);
            _parts.Add((merged, tail[^1].Level + 1));
            foreach (var (part, _) in tail)
            {
                await store.DeleteAsync(Layout.WalPart(systemId, segment.Timeline, segment.Name, part.Offset, part.Length), cancellationToken);
            }
        }
    }

    /// <summary>Beside the stream, so that the newest bytes never wait behind sixteen megabytes of older ones.</summary>
    private void Pack(WalFeed feed, CancellationToken cancellationToken)
    {
        if (_packing is { IsCompleted: true } or null && feed.SegmentAt(_toPack.Start) == _toPack && feed.End >= _toPack.End && _durable >= _toPack.End)
        {
            _packing = PackAsync(_toPack, cancellationToken);
        }
    }

    private async Task PackAsync(WalSegment segment, CancellationToken cancellationToken)
    {
        try
        {
            var folder = Layout.WalSegment(systemId, segment.Timeline, segment.Name);
            var names = new List<string>();
            await foreach (var found in store.ListAsync(folder, cancellationToken))
            {
                names.Add(found.Key);
            }
            var whole = Layout.WalWhole(systemId, segment.Timeline, segment.Name);
            if (!names.Remove(whole))
            {
                await StoreWholeAsync(segment, cancellationToken);
            }
            foreach (var part in names)
            {
                await store.DeleteAsync(part, cancellationToken);
            }
            lock (_lock)
            {
                _toPack = segment.Next;
            }
            progressed();
        }
        catch (StoreException e)
        {
            // Its parts are there; the next step tries again.
            LogNotPacked(logger, e, store.Name, segment.Name);
            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
        }
    }

    private async Task MarkAsync(WalFeed feed, CancellationToken cancellationToken)
    {
        if (feed.AllUntil(_durable) is not { } until || (_markedAt != 0 && clock.GetElapsedTime(_markedAt) < options.BeatInterval))
        {
            return;
        }
        await WalObjects.WriteAsync(store, WalObjects.Mark(systemId), new WalMark(feed.Timeline, _durable, until), ifAbsent: false, cancellationToken);
        _markedAt = clock.GetTimestamp();
    }

    private void Load(StoredWal stored, WalSegment segment)
    {
        _parts.Clear();
        _partsOf = segment;
        _parts.AddRange((stored.Find(segment)?.Cover() ?? []).Select(p => (p, 0)));
    }

    [LoggerMessage(4100, LogLevel.Warning, "WAL does not reach store {Store}; it is tried until it does.")]
    private static partial void LogStoreFailed(ILogger logger, Exception exception, string store);

    [LoggerMessage(4101, LogLevel.Warning, "Segment {Segment} stays in parts in store {Store} for now.")]
    private static partial void LogNotPacked(ILogger logger, Exception exception, string store, string segment);
}
