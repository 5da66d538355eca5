using System.Text.Json;

namespace CardanoRwa.Embedded.Monitoring;

/// <summary>A panel of a Grafana dashboard that shows numbers rather than curves: what it asks, and which colour a value has.</summary>
internal sealed record Panel(string Title, string Unit, IReadOnlyList<(string Query, string? Legend)> Queries, IReadOnlyList<(double From, string Tone)> Steps)
{
    public static IReadOnlyList<Panel> ReadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).SelectMany(Read)];

    public string Tone(double value) => Steps.LastOrDefault(step => value >= step.From).Tone ?? "idle";

    private static List<Panel> Read(string file)
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
        return
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .Where(panel => panel.GetProperty("type").GetString() is "stat" or "gauge")
                .Select(Of),
        ];
    }

    private static Panel Of(JsonElement panel)
    {
        var defaults = panel.GetProperty("fieldConfig").GetProperty("defaults");
        return new Panel(
            panel.GetProperty("title").GetString()!,
            defaults.TryGetProperty("unit", out var unit) ? unit.GetString()! : "none",
            [.. panel.GetProperty("targets").EnumerateArray().Select(target => (target.GetProperty("expr").GetString()!, target.TryGetProperty("legendFormat", out var legend) ? legend.GetString() : null))],
            [.. defaults.GetProperty("thresholds").GetProperty("steps").EnumerateArray().Select(StepOf)]);
    }

    // The first step has no value: it holds from below.
    private static (double From, string Tone) StepOf(JsonElement step) => (
        step.TryGetProperty("value", out var from) && from.ValueKind == JsonValueKind.Number ? from.GetDouble() : double.NegativeInfinity,
        step.GetProperty("color").GetString() switch { "green" => "good", "yellow" => "wait", "red" => "bad", _ => "idle" });
}
