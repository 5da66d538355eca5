using OpenTelemetry.Metrics;

namespace CardanoRwa.ServiceDefaults.Metrics;

internal static class MetricSeries
{
    public const int Most = 250;

    /// <summary>
    /// The SDK sets aside room for 2,000 series of each metric, 144 KB, whether they come or not: ten megabytes for a few hundred in all. Only requests
    /// have so many (route, method and status); a metric with more than it has room for shows them as one series, <c>otel.metric.overflow</c>.
    /// </summary>
    public static MeterProviderBuilder LimitSeries(this MeterProviderBuilder metrics) => metrics
        .AddView(instrument => instrument.Name.StartsWith("http", StringComparison.Ordinal) || DatabaseMetrics.IsCommandTime(instrument)
            ? null
            : new MetricStreamConfiguration { CardinalityLimit = Most });
}
