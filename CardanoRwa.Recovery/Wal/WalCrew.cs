using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Recovery.Wal;

/// <summary>The spool and the lanes of one cluster; they outlive the connection to the database, so that what was received is stored even when it is gone.</summary>
internal sealed class WalCrew : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly WalOptions _options;
    private readonly TimeProvider _clock;
    private readonly DataKey _key;
    private readonly Task _running;
    private long _roomCheckedAt;
    private bool _hadRoom;
    private TaskCompletionSource _progressed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WalCrew(IReadOnlyList<IObjectStore> stores, string systemId, int segmentSize, DataKey key, WalSpool spool, WalOptions options, TimeProvider clock, ILogger logger)
    {
        (SystemId, SegmentSize, Spool, _options, _clock, _key) = (systemId, segmentSize, spool, options, clock, key);
        var copies = new WalCopies(stores, systemId);
        Lanes = [.. stores.Select(s => new WalLane(s, copies, systemId, segmentSize, key, spool, options, clock, Progressed, logger))];
        foreach (var (timeline, start, end) in spool.Left())
        {
            var left = new WalFeed(timeline, segmentSize, start, end, clock);
            left.Finish();
            Follow(left);
        }
        _running = Task.WhenAll(Lanes.Select(l => l.RunAsync(_stop.Token)).Append(FlushAsync(_stop.Token)));
    }

    public string SystemId { get; }
    public int SegmentSize { get; }
    public WalSpool Spool { get; }
    public IReadOnlyList<WalLane> Lanes { get; }
    public WalFeed? Feed { get; private set; }

    /// <summary>Ends only by a fault that no store is to blame for.</summary>
    public Task Running => _running;

    public static async Task<WalCrew> StartAsync(IReadOnlyList<IObjectStore> stores, KeyRing keys, string systemId, int segmentSize, WalOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var key = await keys.CreateAsync(static (_, _) => { }, cancellationToken);
        return new WalCrew(stores, systemId, segmentSize, key, new WalSpool(options.SpoolPath, systemId, segmentSize), options, clock, logger);
    }

    public void Follow(WalFeed feed)
    {
        Feed?.Finish();
        Feed = feed;
        foreach (var lane in Lanes)
        {
            lane.Follow(feed);
        }
    }

    /// <summary>As it is, so that a catalogue needs no key, and sealed beside it, so that a restore knows it for the receiver's own.</summary>
    public async Task StoreHistoryAsync(IObjectStore store, uint timeline, byte[] file, CancellationToken cancellationToken)
    {
        var name = Layout.WalHistorySeal(SystemId, timeline);
        if (await store.FindAsync(name, cancellationToken) is null)
        {
            await new WalCopies([store, .. Lanes.Select(l => l.Store).Where(s => s != store)], SystemId).EnsureKeyAsync(store, _key.Id, cancellationToken);
            await using var writer = new SealedWriter(name, _key, SealedCompression.None, await store.CreateAsync(name, cancellationToken));
            await writer.WriteAsync(file, cancellationToken);
            await writer.CompleteAsync(ifAbsent: true, cancellationToken);
        }
        await store.PutAsync(Layout.WalHistory(SystemId, timeline), file, ifAbsent: true, cancellationToken);
    }

    public Task ProgressAsync() => Volatile.Read(ref _progressed).Task;

    /// <summary>Up to where the feed's timeline is durable by the policy.</summary>
    public Lsn? Durable(WalFeed feed)
    {
        var positions = Lanes.Select(l => l.Durable is { } d && d.Timeline == feed.Timeline ? d.At : (Lsn?)null).ToList();
        var decided = _options.Durability == WalDurability.AllStores ? positions.Any(p => p is null) ? null : positions.Min() : positions.Max();
        return decided is { } at ? (at < feed.End ? at : feed.End) : null;
    }

    /// <summary>Asks the disk only now and then: it is called for every message.</summary>
    public bool MakeRoomIfFull()
    {
        if (_roomCheckedAt != 0 && _hadRoom && _clock.GetElapsedTime(_roomCheckedAt) < TimeSpan.FromSeconds(1))
        {
            return true;
        }
        _roomCheckedAt = _clock.GetTimestamp();
        return _hadRoom = MakeRoom();
    }

    /// <summary>Removes what all stores have; where the spool is full, also what enough of them have. False when it is still full then.</summary>
    public bool MakeRoom()
    {
        var bound = (long)_options.SpoolMebibytes << 20;
        foreach (var segment in Spool.Segments().ToList())
        {
            var done = Lanes.Count(l => l.IsDoneWith(segment));
            var isEnough = done == Lanes.Count || (Spool.Bytes >= bound && done >= (_options.Durability == WalDurability.AllStores ? Lanes.Count : 1));
            if (isEnough)
            {
                Spool.Remove(segment);
            }
        }
        return Spool.Bytes < bound;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Spool.Dispose();
        _key.Dispose();
        _stop.Dispose();
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), _clock, cancellationToken);
            Spool.Flush();
            MakeRoom();
            if (Feed is { } feed && Lanes.Select(l => l.Durable).All(d => d?.Timeline == feed.Timeline))
            {
                feed.Forget(Lanes.Min(l => l.Durable!.Value.At));
            }
        }
    }

    private void Progressed() => Interlocked.Exchange(ref _progressed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
