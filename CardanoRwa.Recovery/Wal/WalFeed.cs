namespace CardanoRwa.Recovery.Wal;

/// <summary>What was received of one timeline without a break, as those who store it see it.</summary>
internal sealed class WalFeed(uint timeline, int segmentSize, Lsn start, Lsn end, TimeProvider clock)
{
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(20);

    // Acknowledged commits may be a moment older than the clock in the header that follows them.
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMilliseconds(250);
    private const int MostArrivals = 10_000;
    private readonly List<Arrival> _arrivals = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Lsn _end = end;
    private bool _isEnded;

    public uint Timeline => timeline;
    public Lsn Start => start;

    public Lsn End
    {
        get
        {
            lock (_lock)
            {
                return _end;
            }
        }
    }

    /// <summary>Nothing more will come.</summary>
    public bool IsEnded
    {
        get
        {
            lock (_lock)
            {
                return _isEnded;
            }
        }
    }

    public WalSegment SegmentAt(Lsn position) => WalSegment.Of(timeline, position, segmentSize);

    /// <param name="end">The byte after the last received.</param>
    /// <param name="serverEnd">Where the database's log ended when it sent this.</param>
    /// <param name="serverTime">By its clock.</param>
    public void Received(Lsn end, Lsn serverEnd, DateTimeOffset serverTime)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var (allUntil, isAll) = (serverTime - ClockSlack, end >= serverEnd);
            if (_arrivals.Count > 0 && (clock.GetElapsedTime(_arrivals[^1].At, now) < Grain || _arrivals.Count >= MostArrivals))
            {
                _arrivals[^1] = _arrivals[^1] with { End = end, AllUntil = isAll ? allUntil : null };
            }
            else
            {
                _arrivals.Add(new Arrival(end, now, isAll ? allUntil : null));
            }
            _end = end;
        }
        Signal();
    }

    public void Finish()
    {
        lock (_lock)
        {
            _isEnded = true;
        }
        Signal();
    }

    /// <summary>When the first byte after a position came; null when none has.</summary>
    public TimeSpan? WaitingSince(Lsn position)
    {
        lock (_lock)
        {
            var first = _arrivals.FindIndex(a => a.End > position);
            return first >= 0 ? clock.GetElapsedTime(_arrivals[first].At) : _end > position ? TimeSpan.MaxValue : null;
        }
    }

    /// <summary>Until when, by the database's clock, every commit is before a position.</summary>
    public DateTimeOffset? AllUntil(Lsn position)
    {
        lock (_lock)
        {
            return _arrivals.LastOrDefault(a => a.End <= position && a.AllUntil is not null)?.AllUntil;
        }
    }

    /// <summary>Forgets the times of what all have stored, but for the last.</summary>
    public void Forget(Lsn position)
    {
        lock (_lock)
        {
            var last = _arrivals.FindLastIndex(a => a.End <= position && a.AllUntil is not null);
            if (last > 0)
            {
                _arrivals.RemoveRange(0, last);
            }
        }
    }

    public Task ChangedAsync()
    {
        lock (_lock)
        {
            return _changed.Task;
        }
    }

    private void Signal()
    {
        TaskCompletionSource was;
        lock (_lock)
        {
            was = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        was.SetResult();
    }

    private sealed record Arrival(Lsn End, long At, DateTimeOffset? AllUntil);
}
