using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace CardanoRwa.ServiceDefaults.Metrics;

internal static class DatabaseMetrics
{
    private const string Meter = "Npgsql";

    /// <summary>
    /// Npgsql times every command, whether EF Core or our own SQL sent it; only the name and the buckets are ours.
    /// The label is the name of the data source, so each one should be given a short one (else it is its connection string without the password).
    /// </summary>
    public static MeterProviderBuilder AddDatabaseMetrics(this MeterProviderBuilder metrics) => metrics
        .AddMeter(Meter)
        .AddView(instrument => IsCommandTime(instrument)
            ? new ExplicitBucketHistogramConfiguration
            {
                Name = "db_query_duration_seconds",
                Boundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
                TagKeys = ["db.client.connection.pool.name"],
                CardinalityLimit = MetricSeries.Most,
            }
            : null);

    public static bool IsCommandTime(Instrument instrument) => instrument is { Name: "db.client.operation.duration", Meter.Name: Meter };
}
