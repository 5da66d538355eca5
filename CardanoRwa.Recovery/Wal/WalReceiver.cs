using System.Buffers;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using Microsoft.Extensions.Logging;
using Npgsql;
using Npgsql.Replication;

namespace CardanoRwa.Recovery.Wal;

/// <summary>
/// Streams the database's WAL into the stores. The database is told that WAL is flushed only once a store has it, so its slot keeps what
/// is not yet safe, and a commit that waits for this receiver waits for a store.
/// </summary>
public sealed partial class WalReceiver(string connectionString, IReadOnlyList<IObjectStore> stores, KeyRing keys, WalOptions options, TimeProvider clock, ILogger<WalReceiver> logger) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CopyInterval = TimeSpan.FromHours(1);
    private readonly Dictionary<string, WalCrew> _crews = [];
    private readonly WalReport _report = new(clock);
    private long _copiedAt;

    /// <summary>How it stands now; for metrics and for whoever asks.</summary>
    public WalReport Report => _report;

    /// <summary>Told of WAL that is lost: a new base backup must follow.</summary>
    public event Action<WalGap>? OnGap;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RecoverSpoolsAsync(cancellationToken);
                await SessionAsync(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is NpgsqlException or StoreException or IOException or TimeoutException or OperationCanceledException or InvalidOperationException)
            {
                if (_report.Failed(e.Message))
                {
                    LogInterrupted(logger, e);
                }
            }
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var crew in _crews.Values)
        {
            await crew.DisposeAsync();
        }
        _crews.Clear();
    }

    /// <summary>What an earlier run received and did not store goes first, whether or not its database still answers.</summary>
    private async Task RecoverSpoolsAsync(CancellationToken cancellationToken)
    {
        foreach (var systemId in WalSpool.Systems(options.SpoolPath).Where(s => !_crews.ContainsKey(s)).ToList())
        {
            var segmentSize = WalSpool.SegmentSizeOf(options.SpoolPath, systemId) ?? await AskSegmentSizeAsync(systemId, cancellationToken);
            using var probe = new WalSpool(options.SpoolPath, systemId, segmentSize);
            if (probe.Segments().Any())
            {
                await CrewAsync(systemId, segmentSize, cancellationToken);
            }
        }
    }

    /// <summary>From whichever store answers; a spool of an earlier version does not say it itself.</summary>
    private async Task<int> AskSegmentSizeAsync(string systemId, CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var store in stores)
        {
            try
            {
                if (await WalObjects.ReadClusterAsync(store, systemId, cancellationToken) is { } cluster)
                {
                    return cluster.SegmentSize;
                }
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException)
            {
                last = e;
            }
        }
        return last is null ? WalSegment.DefaultSize : throw last;
    }

    private async Task<WalCrew> CrewAsync(string systemId, int segmentSize, CancellationToken cancellationToken)
    {
        if (_crews.TryGetValue(systemId, out var crew) && crew.Running.IsCompleted)
        {
            var fault = crew.Running.Exception?.GetBaseException().Message;
            _crews.Remove(systemId);
            await crew.DisposeAsync();
            throw new IOException($"storing WAL failed: {fault}");
        }
        return crew ?? (_crews[systemId] = await WalCrew.StartAsync(stores, keys, systemId, segmentSize, options, clock, logger, cancellationToken));
    }

    private async Task SessionAsync(CancellationToken cancellationToken)
    {
        await using var server = await WalServer.ConnectAsync(connectionString, options, cancellationToken);
        if (!await server.TryLeadAsync(cancellationToken))
        {
            _report.StandsBy();
            return;
        }
        await using var replication = server.Replication();
        await replication.Open(cancellationToken);
        var system = await replication.IdentifySystem(cancellationToken);
        var segmentSize = WalServer.Bytes(await replication.Show("wal_segment_size", cancellationToken));
        var crew = await CrewAsync(system.SystemId, segmentSize, cancellationToken);
        var slot = await server.SlotAsync(replication, cancellationToken);
        var history = await StoreHistoryAsync(server, crew, system.Timeline, cancellationToken);
        var archived = await ArchivedAsync(crew, cancellationToken);
        if (slot.WasLost)
        {
            LogSlotLost(logger, options.Slot);
        }

        if (WalPlan.Make((system.Timeline, system.XLogPos), slot.RestartLsn, history, archived, segmentSize) is not { } plan)
        {
            throw new InvalidOperationException(
                $"The stores hold WAL of timeline {system.Timeline} up to {archived[system.Timeline]}, and the database ends at {system.XLogPos}: it was set back. Restore it properly (to a new timeline), or give the stores another prefix.");
        }
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync(server, crew, ending);
        try
        {
            await StreamAsync(replication, crew, plan, slot.RestartLsn, ending.Token);
        }
        finally
        {
            crew.Feed?.Finish();
            _report.Disconnected();
            await ending.CancelAsync();
            await watching.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        // What ended the stream without a fault of its own.
        await watching;
    }

    /// <summary>One step a connection: a stream that has ended on its timeline cannot be begun anew by the client on the same one.</summary>
    private async Task StreamAsync(PhysicalReplicationConnection replication, WalCrew crew, WalPlan plan, Lsn slot, CancellationToken cancellationToken)
    {
        var step = plan.Steps[0];
        try
        {
            await StreamAsync(replication, crew, step, step.Start, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedFile)
        {
            var restart = WalSegment.Of(step.Timeline, slot, crew.SegmentSize).Start;
            if (restart <= step.Start)
            {
                throw;
            }
            var gap = new WalGap(step.Timeline, plan.Archived?.End ?? step.Start, restart, clock.GetUtcNow());
            if (_report.Found(gap))
            {
                LogGap(logger, gap);
                OnGap?.Invoke(gap);
            }
            await using var again = new PhysicalReplicationConnection(replication.ConnectionString);
            await again.Open(cancellationToken);
            await StreamAsync(again, crew, step with { Until = null }, restart, cancellationToken);
        }
    }

    private async Task StreamAsync(PhysicalReplicationConnection replication, WalCrew crew, WalStep step, Lsn start, CancellationToken cancellationToken)
    {
        var feed = new WalFeed(step.Timeline, crew.SegmentSize, start, start, clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var confirming = ConfirmAsync(replication, crew, feed, ending);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            var isFollowed = false;
            await foreach (var message in replication.StartReplication(new PhysicalReplicationSlot(options.Slot), start, ending.Token, step.Timeline))
            {
                if (!isFollowed)
                {
                    crew.Follow(feed);
                    LogStreaming(logger, step.Timeline, start);
                    isFollowed = true;
                }
                await TakeAsync(message, crew, feed, buffer, ending.Token);
                if (step.Until is { } until && feed.End >= until)
                {
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            feed.Finish();
            await ending.CancelAsync();
            await confirming.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task TakeAsync(XLogDataMessage message, WalCrew crew, WalFeed feed, byte[] buffer, CancellationToken cancellationToken)
    {
        var at = message.WalStart;
        if (at != feed.End)
        {
            throw new InvalidOperationException($"The database sent WAL from {at} after {feed.End}.");
        }
        while (!crew.MakeRoomIfFull())
        {
            _report.Failed("the spool is full; the database keeps its WAL");
            await Task.Delay(Pause, clock, cancellationToken);
        }
        while (await message.Data.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            for (var done = 0; done < read;)
            {
                var segment = feed.SegmentAt(at);
                var count = (int)Math.Min(read - done, segment.End.Minus(at));
                crew.Spool.Append(segment, segment.OffsetOf(at), buffer.AsSpan(done, count));
                at = at.Plus(count);
                done += count;
            }
        }
        feed.Received(at, message.WalEnd, new DateTimeOffset(DateTime.SpecifyKind(message.ServerClock, DateTimeKind.Utc)));
        _report.Received(crew, at);
    }

    /// <summary>Tells the database what is safe, as soon as it is. LastReceivedLsn is left alone: the client fills it with more than was received.</summary>
    private async Task ConfirmAsync(PhysicalReplicationConnection replication, WalCrew crew, WalFeed feed, CancellationTokenSource ending)
    {
        var told = default(Lsn);
        while (!ending.IsCancellationRequested)
        {
            var progress = crew.ProgressAsync();
            if (crew.Durable(feed) is { } durable && durable > told && durable > feed.Start)
            {
                (replication.LastFlushedLsn, replication.LastAppliedLsn) = (durable, durable);
                await replication.SendStatusUpdate(ending.Token);
                told = durable;
            }
            if (crew.Running.IsCompleted)
            {
                await ending.CancelAsync();
            }
            await Task.WhenAny(progress, crew.Running, Task.Delay(Pause, clock, ending.Token));
        }
    }

    private async Task WatchAsync(WalServer server, WalCrew crew, CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                await server.BeatAsync(clock, ending.Token);
                _report.Saw(crew, await server.PositionAsync(ending.Token));
                if (_copiedAt == 0 || clock.GetElapsedTime(_copiedAt) > CopyInterval)
                {
                    await FillAsync(crew, ending.Token);
                }
                await Task.Delay(Pause, clock, ending.Token);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Leadership went with the connection: another worker may receive by now.
            await ending.CancelAsync();
            throw;
        }
    }

    private async Task FillAsync(WalCrew crew, CancellationToken cancellationToken)
    {
        _copiedAt = clock.GetTimestamp();
        var copies = new WalCopies(stores, crew.SystemId);
        foreach (var store in stores)
        {
            try
            {
                if (await copies.FillAsync(store, cancellationToken) is var copied and > 0)
                {
                    LogFilled(logger, copied, store.Name);
                }
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException)
            {
                LogNotFilled(logger, e, store.Name);
            }
        }
    }

    private async Task<IReadOnlyList<TimelineSwitch>> StoreHistoryAsync(WalServer server, WalCrew crew, uint timeline, CancellationToken cancellationToken)
    {
        if (timeline == 1)
        {
            return [];
        }
        var file = await server.HistoryAsync(timeline, cancellationToken);
        var stored = 0;
        foreach (var store in stores)
        {
            try
            {
                await crew.StoreHistoryAsync(store, timeline, file, cancellationToken);
                stored++;
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException)
            {
                LogNotFilled(logger, e, store.Name);
            }
        }
        return stored > 0 ? TimelineHistory.Parse(file) : throw new IOException($"no store takes the history of timeline {timeline}");
    }

    private async Task<IReadOnlyDictionary<uint, Lsn>> ArchivedAsync(WalCrew crew, CancellationToken cancellationToken)
    {
        var ends = new Dictionary<uint, Lsn>();
        var read = 0;
        foreach (var store in stores)
        {
            try
            {
                var stored = await StoredWal.ReadAsync(store, crew.SystemId, cancellationToken, crew.SegmentSize);
                read++;
                foreach (var timeline in stored.Timelines)
                {
                    if (stored.Ranges(timeline) is { Count: > 0 } ranges)
                    {
                        ends[timeline] = LsnMath.Max(ends.GetValueOrDefault(timeline), ranges[^1].End);
                    }
                }
            }
            catch (Exception e) when (e is StoreException or DamagedObjectException)
            {
                LogNotFilled(logger, e, store.Name);
            }
        }
        return read > 0 ? ends : throw new IOException("no store can be asked how far its WAL reaches");
    }

    [LoggerMessage(4110, LogLevel.Information, "Receiving WAL of timeline {Timeline} from {Start}.")]
    private static partial void LogStreaming(ILogger logger, uint timeline, Lsn start);

    [LoggerMessage(4111, LogLevel.Warning, "The WAL stream broke off; it is taken up again.")]
    private static partial void LogInterrupted(ILogger logger, Exception exception);

    [LoggerMessage(4112, LogLevel.Error, "WAL is lost: {Gap}. Nothing after it can be restored before a new base backup is there.")]
    private static partial void LogGap(ILogger logger, WalGap gap);

    [LoggerMessage(4113, LogLevel.Error, "Slot {Slot} was invalidated (max_slot_wal_keep_size) and is made anew.")]
    private static partial void LogSlotLost(ILogger logger, string slot);

    [LoggerMessage(4114, LogLevel.Information, "Copied {Count} objects of WAL that store {Store} lacked.")]
    private static partial void LogFilled(ILogger logger, int count, string store);

    [LoggerMessage(4115, LogLevel.Warning, "Store {Store} cannot be compared or filled now.")]
    private static partial void LogNotFilled(ILogger logger, Exception exception, string store);
}
