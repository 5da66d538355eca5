using System.Text.Json;
using System.Text.RegularExpressions;

namespace CardanoRwa.Tests.Delivery;

/// <summary>What rules and dashboard say, read from their only copies.</summary>
internal static partial class Watched
{
    public static readonly string Folder = Path.Combine(RepositoryRoot.Path, "k8s", "prometheus");

    public static string Rules => File.ReadAllText(Path.Combine(Folder, "slo-alerts.yml"));

    public static IReadOnlyList<string> Recorded => [.. Record().Matches(Rules).Select(m => m.Groups[1].Value)];

    public static IReadOnlyList<string> RuleQueries => [.. Expression().Matches(Rules).Select(m => m.Groups[1].Value)];

    /// <summary>Each alert's name with the rest of its rule.</summary>
    public static IReadOnlyList<(string Name, string Text)> Alerts => [.. Rules.Split("- alert: ")[1..].Select(part => (part[..part.IndexOf('\n', StringComparison.Ordinal)], part))];

    /// <summary>The dashboard's queries, as Grafana would send them.</summary>
    public static IReadOnlyList<(string Panel, string Query)> Panels()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "k8s", "grafana", "slo-dashboard.json")));
        return [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()
                .Select(target => (panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "1m", StringComparison.Ordinal))))];
    }

    /// <summary>Metrics that are not of a running graph, and whence they come.</summary>
    public static IReadOnlyDictionary<string, string> Elsewhere => File.ReadLines(Path.Combine(Folder, "metrics-elsewhere.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(words => words[0], words => words[1]);

    /// <summary>The metrics that a query names; what it groups, joins and selects by is taken out first.</summary>
    public static IEnumerable<string> MetricsOf(string query) =>
        Name().Matches(NotMetrics().Replace(query, " ")).Select(m => m.Value).Except(["and", "or", "unless", "offset", "bool"]);

    [GeneratedRegex(@"^\s+(?:- )?record: (\S+)", RegexOptions.Multiline)]
    private static partial Regex Record();

    [GeneratedRegex(@"^\s+expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|without|ignoring|group_left|group_right) *\([^)]*\)")]
    private static partial Regex NotMetrics();

    [GeneratedRegex(@"(?<![\w:.])[a-zA-Z_:][\w:]*(?![\w:]* *\()")]
    private static partial Regex Name();
}
