using System.Diagnostics.Metrics;

namespace CardanoRwa.Recovery.Wal;

/// <summary>What of the receiver is watched from outside.</summary>
public sealed class WalMetrics
{
    public const string MeterName = "CardanoRwa.Recovery";

    public WalMetrics(IMeterFactory meters, WalReport report)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("rwa_wal_lag_seconds", () => report.Snapshot().Stores.Select(s => Of(s, s.Lag.TotalSeconds)), "s", "Age of the oldest WAL that is not in the store.");
        meter.CreateObservableGauge("rwa_wal_lag_bytes", () => report.Snapshot().Stores.Select(s => Of(s, s.LagBytes)), "By", "WAL that is not in the store.");
        meter.CreateObservableGauge("rwa_wal_slot_retained_bytes", () => report.Snapshot().SlotRetainedBytes, "By", "WAL that the slot keeps at the database.");
        meter.CreateObservableGauge("rwa_wal_gaps", () => report.Snapshot().Gaps.Count, description: "Gaps in the WAL found since the start.");
    }

    private static Measurement<T> Of<T>(WalStoreSnapshot store, T value) where T : struct => new(value, new KeyValuePair<string, object?>("store", store.Store));
}
