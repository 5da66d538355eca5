using System.Globalization;
using System.Text;

namespace CardanoRwa.Recovery.Failover;

/// <summary>One kill and what followed. Seconds.</summary>
/// <param name="Killed">Which server.</param>
/// <param name="Promoted">Which took its place.</param>
/// <param name="Fencing">From the kill to the order to promote.</param>
/// <param name="FirstWrite">From the order to the first write that was acknowledged over SQL.</param>
/// <param name="FirstApiWrite">The same through the Api; null where none was given.</param>
/// <param name="Outage">From the kill to the first write after it.</param>
/// <param name="Whole">From the order until the old primary follows the new one, in synchronous mode until commits wait for it again.</param>
/// <param name="Acknowledged">Writes acknowledged since the round began.</param>
/// <param name="Lost">Of all acknowledged so far, how many the new primary has not.</param>
/// <param name="TwoWriters">How often both servers said that they take writes.</param>
/// <param name="OldTookWrites">Writes that the old server took after the order; its port was tried all the time.</param>
public sealed record FailoverRound(
    int Number, string Killed, string Promoted, double Fencing, double FirstWrite, double? FirstApiWrite, double Outage, double Whole, long Acknowledged, long Lost, long TwoWriters, long OldTookWrites);

/// <summary>What a drill of the failover found.</summary>
public sealed record FailoverReport(
    int Version, string Id, string SystemId, string RequestedBy, DateTimeOffset StartedAt, DateTimeOffset EndedAt, bool Synchronous, int ServerVersion,
    double FirstWriteTargetSeconds, IReadOnlyList<FailoverRound> Rounds, IReadOnlyList<string> Failures, string KeyId)
{
    public const int CurrentVersion = 1;

    public bool Passed => Failures.Count == 0;

    /// <summary>The slower of the two ways, as the target is meant.</summary>
    public double FirstWriteP50 => Percentile(Rounds.Select(r => r.FirstApiWrite ?? r.FirstWrite), 0.50);
    public double FirstWriteP99 => Percentile(Rounds.Select(r => r.FirstApiWrite ?? r.FirstWrite), 0.99);

    /// <summary>The nearest rank: with few values, the greatest.</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Failover drill {Id}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{(Passed ? "Passed" : "FAILED")}. {Rounds.Count} failovers, {(Synchronous ? "synchronous" : "asynchronous")}, PostgreSQL {ServerVersion}, {StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} to {EndedAt.UtcDateTime:HH:mm:ss} UTC.").AppendLine();
        text.AppendLine("| seconds | p50 | p99 | longest |").AppendLine("|---|---|---|---|");
        Row("promotion ordered to first write, SQL", Rounds.Select(r => r.FirstWrite));
        Row("promotion ordered to first write, Api", Rounds.Where(r => r.FirstApiWrite is not null).Select(r => r.FirstApiWrite!.Value));
        Row("kill to promotion ordered (fencing)", Rounds.Select(r => r.Fencing));
        Row("kill to first write", Rounds.Select(r => r.Outage));
        Row("promotion ordered to whole again", Rounds.Select(r => r.Whole));
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Acknowledged writes: {Rounds.Sum(r => r.Acknowledged)}; lost: {Rounds.Sum(r => r.Lost)}. Two writers seen: {Rounds.Sum(r => r.TwoWriters)}; writes that an old primary took after its successor was ordered: {Rounds.Sum(r => r.OldTookWrites)}.");
        foreach (var failure in Failures)
        {
            text.AppendLine().Append("- ").Append(failure);
        }
        return text.AppendLine().ToString();

        void Row(string what, IEnumerable<double> values)
        {
            if (values.ToList() is { Count: > 0 } all)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {Percentile(all, 0.5):0.000} | {Percentile(all, 0.99):0.000} | {all.Max():0.000} |");
            }
        }
    }
}
