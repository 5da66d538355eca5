using System.Text.Json;

namespace CardanoRwa.LoadTest;

/// <param name="What">Field of the baselines, or of the recorded run.</param>
/// <param name="Limit">What it may be.</param>
/// <param name="Measured">What it is.</param>
/// <param name="Holds">Whether that is within.</param>
internal sealed record Finding(string What, double Limit, double Measured, bool Holds);

/// <summary>A run against performance/baselines.json, whose numbers are limits, and against a recorded run, which is only a neighbour.</summary>
internal static class Baselines
{
    /// <summary>The fields that a client can see. Memory, blocks and pools are watched where they are: in the alerts.</summary>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string path, Report report, CancellationToken cancellationToken)
    {
        var root = JsonElement.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
        var (latency, throughput) = (root.GetProperty("api_latency"), root.GetProperty("throughput"));
        var findings = new List<Finding>
        {
            AtMost("api_latency.p50_ms", latency.GetProperty("p50_ms").GetDouble(), report.Latency.P50),
            AtMost("api_latency.p95_ms", latency.GetProperty("p95_ms").GetDouble(), report.Latency.P95),
            AtMost("api_latency.p99_ms", latency.GetProperty("p99_ms").GetDouble(), report.Latency.P99),
            AtMost("api_latency.max_ms", latency.GetProperty("max_ms").GetDouble(), report.Latency.Max),
            AtMost("throughput.error_rate_percent", throughput.GetProperty("error_rate_percent").GetDouble(), report.ErrorPercent),
        };
        if (report.Database is { } database)
        {
            findings.Add(AtMost("database.query_p95_ms", root.GetProperty("database").GetProperty("query_p95_ms").GetDouble(), database.P95));
        }
        // A profile that asks for less cannot show more; a fiftieth is left to how its arrivals fall.
        var wanted = throughput.GetProperty("requests_per_second").GetDouble();
        if (report.WantedPerSecond >= wanted)
        {
            findings.Add(new Finding("throughput.requests_per_second", wanted, report.PerSecond, report.PerSecond >= wanted * 0.98));
        }
        return findings;
    }

    /// <summary>Absolute times of two runs at different times: more than half as much again is told as a breach, no less; `ab` decides finer.</summary>
    public static IReadOnlyList<Finding> Compare(Report recorded, Report report)
    {
        if (recorded.Profile != report.Profile)
        {
            throw new InvalidDataException($"The recorded run is of the profile '{recorded.Profile}', this one of '{report.Profile}'.");
        }
        // The bare constant server tells how fast the machine was then and is now.
        var machine = recorded.ConstantPerSecond is { } then && report.ConstantPerSecond is { } now ? then / now : 1;
        return
        [
            .. recorded.Requests.Join(report.Requests, r => r.Name, r => r.Name, (old, one) => AtMost($"{one.Name} p95 ms", old.Latency.P95 * machine * 1.5, one.Latency.P95)),
            AtMost("error percent", recorded.ErrorPercent + 0.1, report.ErrorPercent),
        ];
    }

    private static Finding AtMost(string what, double limit, double measured) => new(what, Math.Round(limit, 3), measured, measured <= limit);
}
