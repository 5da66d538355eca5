using System.Globalization;
using System.Text;

namespace CardanoRwa.LoadTest;

/// <summary>What was measured of the marks, each with the commit and the time it was measured at: a campaign may be run in parts.</summary>
/// <param name="Machine">Processors and system.</param>
/// <param name="Marks">By name.</param>
internal sealed record MarkReport(string Machine, IReadOnlyList<Mark> Marks)
{
    /// <summary>This one with what another measured anew.</summary>
    public MarkReport With(IReadOnlyList<Mark> newer) => this with
    {
        Marks = [.. Marks.Where(m => !newer.Any(n => n.Name == m.Name && n.Assets == m.Assets)).Concat(newer).OrderBy(m => m.Assets).ThenBy(m => m.Order)],
    };

    public string ToMarkdown(string title)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"# {title}\n\n{Machine}. Ratios: median of interleaved rounds, in brackets where it lies with 95 %.\n");
        foreach (var group in Marks.GroupBy(m => m.Assets))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {group.Key:N0} assets\n\n| what | beside | measured | | mark | holds | commit | at |\n|---|---|---|---|---|---|---|---|\n");
            foreach (var m in group)
            {
                var beside = m.Comparison is { } c ? $"{c.Ratio:0.00} ({c.Low:0.00} to {c.High:0.00})" : $"{m.Value:0.##} {m.Unit}";
                text.Append(CultureInfo.InvariantCulture, $"| {m.Name} | {m.Beside} | {beside} | {m.Note} | {(m.AtLeast ? "≥" : "≤")} {m.Limit:0.##}{(m.Comparison is null ? " " + m.Unit : "")} | {(m.Holds ? "yes" : "NO")} | {m.Commit} | {m.At:yyyy-MM-dd HH:mm} |\n");
            }
        }
        return text.ToString();
    }
}

/// <param name="Order">In reports.</param>
/// <param name="Name">What is measured.</param>
/// <param name="Beside">What stands beside it in the same rounds.</param>
/// <param name="Assets">How many the registry held.</param>
/// <param name="Value">The ratio, or the value where there is none.</param>
/// <param name="Unit">Of the value.</param>
/// <param name="Limit">The mark.</param>
/// <param name="AtLeast">Whether the mark is the least that will do, or the most.</param>
/// <param name="Commit">What git calls the state that was measured.</param>
/// <param name="At">When.</param>
/// <param name="Note">Absolute numbers, for people.</param>
/// <param name="Comparison">The rounds of a ratio.</param>
internal sealed record Mark(int Order, string Name, string? Beside, long Assets, double Value, string Unit, double Limit, bool AtLeast, string? Commit, DateTimeOffset At, string? Note = null, Comparison? Comparison = null)
{
    public bool Holds => AtLeast ? Value >= Limit : Value <= Limit;
}
