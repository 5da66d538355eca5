namespace CardanoRwa.Recovery.Wal;

public enum WalReceiverState
{
    Starting,

    /// <summary>Another worker receives.</summary>
    StandingBy,
    Streaming,
    Interrupted,
}

/// <summary>How the receiver stands; written by it, read by metrics and endpoints.</summary>
public sealed class WalReport(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly List<WalGap> _gaps = [];
    private WalCrew? _crew;
    private WalServerPosition? _server;
    private WalReceiverState _state;
    private string? _fault;
    private long _connectedAt;

    public WalReceiverSnapshot Snapshot()
    {
        lock (_lock)
        {
            var away = _state == WalReceiverState.Streaming || _connectedAt == 0 ? TimeSpan.Zero : clock.GetElapsedTime(_connectedAt);
            return new WalReceiverSnapshot(_state, _crew?.SystemId, _fault, _server?.End, _server?.Retained ?? 0, _server?.Limit, [.. _gaps],
                [.. (_crew?.Lanes ?? []).Select(l => new WalStoreSnapshot(l.Store.Name, l.Durable?.Timeline, l.Durable?.At, l.AllUntil, Max(l.Lag, away), LagBytes(l), l.Fault))]);
        }
    }

    internal void StandsBy() => Set(WalReceiverState.StandingBy, null);

    internal void Disconnected() => Set(WalReceiverState.Interrupted, _fault);

    /// <returns>True when it is news.</returns>
    internal bool Failed(string fault)
    {
        var isNews = _fault != fault;
        Set(WalReceiverState.Interrupted, fault);
        return isNews;
    }

    /// <returns>False for one that was found before: a stream that broke before anything behind the gap was stored finds it again.</returns>
    internal bool Found(WalGap gap)
    {
        lock (_lock)
        {
            if (_gaps.Exists(g => g with { FoundAt = gap.FoundAt } == gap))
            {
                return false;
            }
            _gaps.Add(gap);
            return true;
        }
    }

    internal void Received(WalCrew crew, Lsn at)
    {
        lock (_lock)
        {
            (_crew, _state, _fault, _connectedAt) = (crew, WalReceiverState.Streaming, null, clock.GetTimestamp());
            if (_server is not null && at > _server.End)
            {
                _server = _server with { End = at };
            }
        }
    }

    internal void Saw(WalCrew crew, WalServerPosition server)
    {
        lock (_lock)
        {
            (_crew, _server, _connectedAt) = (crew, server, clock.GetTimestamp());
        }
    }

    private void Set(WalReceiverState state, string? fault)
    {
        lock (_lock)
        {
            (_state, _fault) = (state, fault);
        }
    }

    private long LagBytes(WalLane lane) => _server is null || lane.Durable is not { } durable || durable.At > _server.End ? 0 : _server.End.Minus(durable.At);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

/// <param name="SlotRetainedBytes">What the slot keeps at the database.</param>
/// <param name="SlotLimitBytes">At how much it is invalidated.</param>
public sealed record WalReceiverSnapshot(
    WalReceiverState State, string? SystemId, string? Fault, Lsn? ServerEnd, long SlotRetainedBytes, long? SlotLimitBytes, IReadOnlyList<WalGap> Gaps, IReadOnlyList<WalStoreSnapshot> Stores)
{
    public bool IsSlotInDanger => SlotLimitBytes is { } limit && SlotRetainedBytes > limit / 2;
}

/// <param name="RestorableTo">Commits acknowledged until then, by the database's clock, are in the store.</param>
/// <param name="Lag">The age of the oldest WAL that is not in the store.</param>
public sealed record WalStoreSnapshot(string Store, uint? Timeline, Lsn? Durable, DateTimeOffset? RestorableTo, TimeSpan Lag, long LagBytes, string? Fault);
