namespace CardanoRwa.Recovery;

/// <summary>How far a backup or a restore is; written by its workers, read by whoever shows it.</summary>
public sealed class RecoveryProgress(TimeProvider clock)
{
    private readonly long _startedAt = clock.GetTimestamp();
    private readonly List<(string Phase, TimeSpan At)> _phases = [("starting", TimeSpan.Zero)];
    private volatile string _phase = "starting";
    private long _total;
    private long _done;
    private long _stored;

    public string Phase
    {
        get => _phase;
        internal set
        {
            _phase = value;
            _phases.Add((value, Elapsed));
        }
    }

    /// <summary>Seconds that each phase took; for when it has ended.</summary>
    public IReadOnlyDictionary<string, double> PhaseSeconds => _phases.Zip(_phases.Skip(1).Select(p => p.At).Append(Elapsed))
        .Where(p => p.First.Phase is not ("starting" or "done"))
        .GroupBy(p => p.First.Phase).ToDictionary(g => g.Key, g => Math.Round(g.Sum(p => (p.Second - p.First.At).TotalSeconds), 3));

    public long TotalBytes => Interlocked.Read(ref _total);
    public long DoneBytes => Interlocked.Read(ref _done);

    /// <summary>Bytes that went to, or came from, a store.</summary>
    public long StoredBytes => Interlocked.Read(ref _stored);

    public TimeSpan Elapsed => clock.GetElapsedTime(_startedAt);
    public double BytesPerSecond => Elapsed.TotalSeconds > 0 ? DoneBytes / Elapsed.TotalSeconds : 0;

    /// <summary>Null as long as nothing is known.</summary>
    public TimeSpan? Remaining => BytesPerSecond > 0 && TotalBytes >= DoneBytes ? TimeSpan.FromSeconds((TotalBytes - DoneBytes) / BytesPerSecond) : null;

    internal void Expect(long bytes) => Interlocked.Add(ref _total, bytes);
    internal void Did(long bytes) => Interlocked.Add(ref _done, bytes);
    internal void Stored(long bytes) => Interlocked.Add(ref _stored, bytes);
}
