using HdrHistogram;

namespace CardanoRwa.LoadTest;

/// <summary>A run as it is recorded.</summary>
/// <param name="Profile">Of the scenario.</param>
/// <param name="At">When it ended.</param>
/// <param name="Commit">Of the runner's sources, when git knows it.</param>
/// <param name="Machine">Processors and system.</param>
/// <param name="Seconds">How long was measured.</param>
/// <param name="WantedPerSecond">The rate of an open loop.</param>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="Users">Connections.</param>
/// <param name="ErrorPercent">Of all requests.</param>
/// <param name="FirstFault">What the first of them was.</param>
/// <param name="Latency">Of all requests.</param>
/// <param name="Database">What Server-Timing told of the database; absent when it told nothing.</param>
/// <param name="ConstantPerSecond">Answers a second of the bare constant server, measured just before with as many connections.</param>
/// <param name="Requests">Each kind.</param>
/// <param name="Series">Each second.</param>
internal sealed record Report(
    string Profile, DateTimeOffset At, string? Commit, string Machine, double Seconds, double? WantedPerSecond, double PerSecond, int Users, double ErrorPercent, string? FirstFault,
    Percentiles Latency, Percentiles? Database, double? ConstantPerSecond, IReadOnlyList<RequestReport> Requests, IReadOnlyList<Second> Series)
{
    public static string ThisMachine => $"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}";

    public static Report Of(string name, Profile profile, LoadRun run, DateTimeOffset at, string? commit, double? constant)
    {
        var (latency, database) = (Meter.Empty(), Meter.Empty());
        foreach (var meter in run.Meters)
        {
            latency.Add(meter.Latency);
            database.Add(meter.Database);
        }
        var failures = run.Meters.Sum(m => m.Failures);
        var seconds = Math.Max(run.Took.TotalSeconds, 0.001);
        return new Report(
            name, at, commit, ThisMachine, Math.Round(seconds, 2), profile.RatePerSecond,
            Math.Round(latency.TotalCount / seconds, 1), profile.Users, latency.TotalCount == 0 ? 100 : Math.Round(100.0 * failures / latency.TotalCount, 4), run.Fault,
            Percentiles.Of(latency), database.TotalCount == 0 ? null : Percentiles.Of(database), constant,
            [.. run.Meters.Select(m => new RequestReport(m.Name, m.Latency.TotalCount, m.Failures, Math.Round(m.Latency.TotalCount / seconds, 1), Percentiles.Of(m.Latency), m.Database.TotalCount == 0 ? null : Percentiles.Of(m.Database)))],
            run.Seconds);
    }
}

/// <param name="Name">Of the request.</param>
/// <param name="Count">Answers.</param>
/// <param name="Failures">Among them, and connections that broke.</param>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="Latency">Milliseconds.</param>
/// <param name="Database">Milliseconds of it in the database.</param>
internal sealed record RequestReport(string Name, long Count, long Failures, double PerSecond, Percentiles Latency, Percentiles? Database);

/// <param name="At">Second of the run.</param>
/// <param name="Count">Answers in it.</param>
/// <param name="Latency">Of them.</param>
internal sealed record Second(int At, long Count, Percentiles Latency);

/// <summary>Milliseconds.</summary>
internal sealed record Percentiles(double P50, double P90, double P95, double P99, double P999, double Max)
{
    public static Percentiles Of(HistogramBase histogram)
    {
        return histogram.TotalCount == 0 ? new Percentiles(0, 0, 0, 0, 0, 0) : new Percentiles(At(50), At(90), At(95), At(99), At(99.9), Math.Round(histogram.GetMaxValue() / 1000.0, 3));

        double At(double percent) => Math.Round(histogram.GetValueAtPercentile(percent) / 1000.0, 3);
    }
}
