using System.Diagnostics.Metrics;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Drills;

/// <summary>What of drills is watched from outside; zero until one is known.</summary>
public sealed class DrillMetrics
{
    private readonly Counter<long> _failures;
    private double _rto;
    private double _rpo;
    private long _lastSuccess;

    public DrillMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WalMetrics.MeterName);
        meter.CreateObservableGauge("rwa_drill_rto_seconds", () => Volatile.Read(ref _rto), "s", "How long the last drill took from its start to the first write its copy accepted.");
        meter.CreateObservableGauge("rwa_drill_rpo_seconds", () => Volatile.Read(ref _rpo), "s", "How much of what was acknowledged the last drill's copy lacked.");
        meter.CreateObservableGauge("rwa_drill_last_success_timestamp_seconds", () => Interlocked.Read(ref _lastSuccess), "s", "When the last drill that passed ended, in seconds of Unix time.");
        _failures = meter.CreateCounter<long>("rwa_drill_failures_total", description: "Drills that failed, by reason.");
        foreach (var reason in DrillReasons.All)
        {
            _failures.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    /// <summary>What the stores say, at start.</summary>
    public void Found(DrillReport newest)
    {
        if (newest.Passed)
        {
            Interlocked.Exchange(ref _lastSuccess, newest.EndedAt.ToUnixTimeSeconds());
            Volatile.Write(ref _rto, newest.RtoSeconds ?? 0);
            Volatile.Write(ref _rpo, newest.RpoSeconds ?? 0);
        }
    }

    public void Drilled(DrillReport report)
    {
        Found(report);
        foreach (var reason in report.Attempts[0].Failures.Select(f => f.Reason).Distinct())
        {
            Failed(reason);
        }
    }

    public void Failed(string reason) => _failures.Add(1, new KeyValuePair<string, object?>("reason", reason));
}

/// <summary>The words of <see cref="DrillFailure.Reason"/>.</summary>
public static class DrillReasons
{
    public static readonly IReadOnlyList<string> All = ["damaged", "missing", "wal", "key", "store", "replay", "content", "time", "disk", "rpo"];
}
