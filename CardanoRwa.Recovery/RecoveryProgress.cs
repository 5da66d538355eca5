namespace CardanoRwa.Recovery;

/// <summary>How far a backup or a restore is; written by its workers, read by whoever shows it.</summary>
public sealed class RecoveryProgress(TimeProvider clock)
{
    private readonly long _startedAt = clock.GetTimestamp();
    private long _total;
    private long _done;
    private long _stored;

    public string Phase { get; internal set; } = "starting";

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
