using System.Diagnostics.Metrics;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Restore;

/// <summary>What of restores that this process makes, such as drills, is watched from outside.</summary>
public sealed class RestoreMetrics
{
    private readonly Counter<long> _failures;
    private volatile Last? _last;

    public RestoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WalMetrics.MeterName);
        meter.CreateObservableGauge("rwa_restore_duration_seconds", () => _last is { } l ? Phases(l.Result) : [], "s", "How long the last restore took, by phase.");
        meter.CreateObservableGauge("rwa_restore_last_success_timestamp_seconds", () => _last?.At.ToUnixTimeSeconds() ?? 0, "s", "When the last restore ended well, in seconds of Unix time.");
        meter.CreateObservableGauge("rwa_restore_bytes", () => _last?.Bytes ?? 0, "By", "Bytes of files and WAL that the last restore wrote.");
        _failures = meter.CreateCounter<long>("rwa_restore_failures_total", description: "Restores that did not succeed, by reason.");
    }

    public void Ended(Outcome<RestoreResult> outcome, long bytes, DateTimeOffset at)
    {
        if (outcome.IsRefused(out var refusal, out var result))
        {
            Failed(refusal.Code);
        }
        else
        {
            _last = new Last(result, bytes, at);
        }
    }

    public void Failed(string reason) => _failures.Add(1, new KeyValuePair<string, object?>("reason", reason));

    private static Measurement<double>[] Phases(RestoreResult result) =>
        [Of("files", result.Fetching), Of("wal", result.FetchingWal), Of("sync", result.Syncing)];

    private static Measurement<double> Of(string phase, TimeSpan took) => new(took.TotalSeconds, new KeyValuePair<string, object?>("phase", phase));

    private sealed record Last(RestoreResult Result, long Bytes, DateTimeOffset At);
}
