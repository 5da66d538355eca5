using System.Globalization;
using System.Text;

namespace CardanoRwa.Recovery.Drills;

/// <summary>A report for people. What counts is the JSON beside it, which carries the tag.</summary>
public static class DrillMarkdown
{
    public static string Write(DrillReport report)
    {
        var text = new StringBuilder();
        Line($"# {report.Id}: {(report.Passed ? "passed" : "FAILED")}");
        Line($"");
        Line($"{(report.Kind == DrillKind.Full ? "Full drill" : "Restore test")} of cluster {report.SystemId}, asked for by {report.RequestedBy}, {report.StartedAt:yyyy-MM-dd HH:mm:ss}Z to {report.EndedAt:HH:mm:ss}Z.");
        Line($"");
        Line($"| | measured | target |");
        Line($"|---|---|---|");
        Line($"| time to recover | {Seconds(report.RtoSeconds)} | {Seconds(report.RtoTargetSeconds)} |");
        Line($"| data lost | {Seconds(report.RpoSeconds)} | {Seconds(report.RpoTargetSeconds)} |");
        foreach (var (index, attempt) in report.Attempts.Index())
        {
            Line($"");
            Line($"## {(index == 0 ? "Drill" : $"Fallback {index}")}: backup {attempt.Backup ?? "none"} from store {attempt.Store}");
            Line($"");
            if (attempt.Times is { } t)
            {
                Line($"Restored to {attempt.RestoredTo:yyyy-MM-dd HH:mm:ss.f}Z. Plan {t.Plan:0.00} s, fetch {t.Fetch:0.00} s, decrypt and write {t.Decrypt:0.00} s, WAL {t.Wal:0.00} s, disk {t.Sync:0.00} s, replay {t.Replay:0.00} s, ready {t.Ready:0.00} s.");
                Line($"");
            }
            foreach (var check in attempt.Checks)
            {
                Line($"- {check.Name}: {check.State.ToString().ToLowerInvariant()}. {check.Detail}");
            }
            foreach (var failure in attempt.Failures)
            {
                Line($"- FAILURE ({failure.Reason}{(failure.Object is null ? "" : $", {failure.Object}")}): {failure.Detail}");
            }
        }
        if (report.Fallback is not null)
        {
            Line($"");
            Line($"{report.Fallback}");
        }
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Seconds(double? seconds) => seconds is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s:0.0} s") : "none";
}
