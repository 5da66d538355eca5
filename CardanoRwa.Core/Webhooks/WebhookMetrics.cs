using System.Diagnostics.Metrics;

namespace CardanoRwa.Core.Webhooks;

public sealed class WebhookMetrics
{
    public const string MeterName = "CardanoRwa.Webhooks";
    private readonly Counter<long> _deliveries;
    private readonly Histogram<double> _seconds;

    public WebhookMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _deliveries = meter.CreateCounter<long>("rwa_webhook_deliveries", description: "Tries by outcome (delivered, retry or dead).");
        _seconds = meter.CreateHistogram("rwa_webhook_delay", unit: "s", description: "From the event's fan-out to its delivery.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 30, 120, 600, 3600, 21600, 86400] });

        // Seen from the start, or the first dead letter would be no increase to whoever watches.
        _deliveries.Add(0, new KeyValuePair<string, object?>("outcome", "dead"));
    }

    public void Delivered(TimeSpan delay)
    {
        _deliveries.Add(1, new KeyValuePair<string, object?>("outcome", "delivered"));
        _seconds.Record(delay.TotalSeconds);
    }

    public void Failed(bool dead) => _deliveries.Add(1, new KeyValuePair<string, object?>("outcome", dead ? "dead" : "retry"));
}
