using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Base;

/// <summary>What of base backups is watched from outside; zero until the first one is known.</summary>
public sealed class BackupMetrics
{
    private readonly ConcurrentDictionary<string, StoreState> _stores = new(StringComparer.Ordinal);
    private readonly Counter<long> _failures;
    private readonly Counter<long> _removals;
    private readonly TimeProvider _clock;
    private long _lastSuccess;
    private double _duration;
    private long _size;

    public BackupMetrics(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create(WalMetrics.MeterName);
        meter.CreateObservableGauge("rwa_backup_last_success_timestamp_seconds", () => Interlocked.Read(ref _lastSuccess), "s", "When the newest base backup ended, in seconds of Unix time.");
        meter.CreateObservableGauge("rwa_backup_duration_seconds", () => Volatile.Read(ref _duration), "s", "How long the last base backup took.");
        meter.CreateObservableGauge("rwa_backup_size_bytes", () => Interlocked.Read(ref _size), "By", "What the last base backup takes in a store.");
        meter.CreateObservableGauge("rwa_backup_newest_age_seconds", () => Each(s => s.NewestAt is { } at ? (_clock.GetUtcNow() - at).TotalSeconds : null), "s", "Age of the newest good backup that is whole in the store.");
        meter.CreateObservableGauge("rwa_backup_last_verify_timestamp_seconds", () => Each(s => s.VerifiedAt?.ToUnixTimeSeconds()), "s", "When a backup was last read back whole from the store, in seconds of Unix time.");
        meter.CreateObservableGauge("rwa_store_up", () => Each(s => s.IsUp ? 1 : 0), description: "1 where the store answered last, 0 where it did not.");
        _failures = meter.CreateCounter<long>("rwa_backup_failures_total", description: "Base backups that were not made, not in every store, or not as they were written, by reason.");
        _removals = meter.CreateCounter<long>("rwa_backup_retention_removed_total", description: "What retention removed, by store and kind.");
        foreach (var reason in Enum.GetValues<BackupFailure>())
        {
            _failures.Add(0, Reason(reason));
        }
    }

    public void Found(DateTimeOffset endedAt) => Interlocked.Exchange(ref _lastSuccess, endedAt.ToUnixTimeSeconds());

    public void Made(DateTimeOffset endedAt, TimeSpan duration, long bytes)
    {
        Found(endedAt);
        Volatile.Write(ref _duration, duration.TotalSeconds);
        Interlocked.Exchange(ref _size, bytes);
    }

    public void Failed(BackupFailure reason) => _failures.Add(1, Reason(reason));

    public void Removed(string store, string kind, long count) => _removals.Add(count, new("store", store), new("kind", kind));

    /// <summary>What was last seen in a store; one that does not answer keeps what it had.</summary>
    public void Saw(string store, bool isUp, DateTimeOffset? newestAt, DateTimeOffset? verifiedAt) => _stores[store] = new StoreState(isUp, newestAt, verifiedAt);

    private IEnumerable<Measurement<double>> Each(Func<StoreState, double?> value) => _stores.Where(s => value(s.Value) is not null)
        .Select(s => new Measurement<double>(value(s.Value)!.Value, new KeyValuePair<string, object?>("store", s.Key)));

    private static KeyValuePair<string, object?> Reason(BackupFailure reason) => new("reason", reason.ToString().ToLowerInvariant());

    private sealed record StoreState(bool IsUp, DateTimeOffset? NewestAt, DateTimeOffset? VerifiedAt);
}

public enum BackupFailure
{
    /// <summary>It cannot be done as things stand.</summary>
    Refused,

    /// <summary>The database, the disk or all stores failed.</summary>
    Interrupted,

    /// <summary>One store did not take it.</summary>
    Store,

    /// <summary>What was read back is not what was written.</summary>
    Verify,
}
