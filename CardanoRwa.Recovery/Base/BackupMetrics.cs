using System.Diagnostics.Metrics;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Base;

/// <summary>What of base backups is watched from outside; zero until the first one is known.</summary>
public sealed class BackupMetrics
{
    private readonly Counter<long> _failures;
    private long _lastSuccess;
    private double _duration;
    private long _size;

    public BackupMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WalMetrics.MeterName);
        meter.CreateObservableGauge("rwa_backup_last_success_timestamp_seconds", () => Interlocked.Read(ref _lastSuccess), "s", "When the newest base backup ended, in seconds of Unix time.");
        meter.CreateObservableGauge("rwa_backup_duration_seconds", () => Volatile.Read(ref _duration), "s", "How long the last base backup took.");
        meter.CreateObservableGauge("rwa_backup_size_bytes", () => Interlocked.Read(ref _size), "By", "What the last base backup takes in a store.");
        _failures = meter.CreateCounter<long>("rwa_backup_failures_total", description: "Base backups that were not made.");
        _failures.Add(0);
    }

    public void Found(DateTimeOffset endedAt) => Interlocked.Exchange(ref _lastSuccess, endedAt.ToUnixTimeSeconds());

    public void Made(DateTimeOffset endedAt, TimeSpan duration, long bytes)
    {
        Found(endedAt);
        Volatile.Write(ref _duration, duration.TotalSeconds);
        Interlocked.Exchange(ref _size, bytes);
    }

    public void Failed() => _failures.Add(1);
}
