using System.Globalization;
using System.Text;

namespace CardanoRwa.LoadTest;

/// <summary>A contest as it is recorded.</summary>
/// <param name="Contest">What was compared.</param>
/// <param name="At">When it ended.</param>
/// <param name="Commit">Of the sources, when git knows it.</param>
/// <param name="Machine">Processors and system.</param>
/// <param name="Subject">The server in question.</param>
/// <param name="Users">Connections.</param>
/// <param name="SecondsEach">Of each server in a round.</param>
/// <param name="Rounds">Turns.</param>
/// <param name="Servers">What each is.</param>
/// <param name="Requests">Scores.</param>
internal sealed record ContestReport(
    string Contest, DateTimeOffset At, string? Commit, string Machine, string Subject, int Users, int SecondsEach, int Rounds, IReadOnlyDictionary<string, string> Servers, IReadOnlyList<ContestRequest> Requests)
{
    /// <summary>Whether a regression is proved, and what to tell of it. Undecided is no proof.</summary>
    /// <param name="first">An earlier contest, of other processes: what it did not prove too does not count.</param>
    public (bool Worse, string Said) Judge(ContestReport? first = null)
    {
        var worse = With("worse").Where(r => first is null || first.With("worse").Contains(r)).ToList();
        var unsure = With("undecided").Concat(first is null ? [] : first.With("worse").Concat(With("worse")).Except(worse)).ToHashSet();
        var doubt = Requests.Select(r => r.Name).Where(unsure.Contains).ToList();
        var said = worse.Count > 0 ? $"Proved worse: {string.Join("; ", worse)}." : "No regression is proved.";
        return (worse.Count > 0, doubt.Count > 0 ? $"{said} Undecided: {string.Join("; ", doubt)}." : said);
    }

    private IEnumerable<string> With(string verdict) => Requests.Where(r => r.Scores.Any(s => s.Verdict == verdict)).Select(r => r.Name);

    /// <summary>Requests, and of each server the rate, or for the others also the subject's by theirs.</summary>
    public string ToMarkdown()
    {
        var servers = Requests.SelectMany(r => r.Scores.Select(s => s.Server)).Distinct().OrderBy(s => s != Subject).ToList();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| request | {string.Join(" | ", servers.Select(s => s == Subject ? $"{s}, a second" : $"{s}, a second | ratio (95 %)"))} |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---{string.Concat(servers.Select(s => s == Subject ? "|---" : "|---|---"))}|\n");
        foreach (var request in Requests)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {request.Name} |");
            foreach (var server in servers)
            {
                text.Append(request.Scores.FirstOrDefault(s => s.Server == server) is { } score ? Cells(score) : server == Subject ? " - |" : " - | - |");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Cells(ContestScore score)
    {
        var rate = string.Create(CultureInfo.InvariantCulture, $" {score.PerSecond:0} |");
        return score.Ratio is null ? rate : string.Create(CultureInfo.InvariantCulture, $"{rate} **{score.Ratio:0.00}** ({score.Low:0.00} to {score.High:0.00}), {score.Verdict} |");
    }
}

/// <param name="Name">Of the request.</param>
/// <param name="Scores">Of each server that can be asked it.</param>
internal sealed record ContestRequest(string Name, IReadOnlyList<ContestScore> Scores);

/// <param name="Server">Its name.</param>
/// <param name="PerSecond">Median over the rounds.</param>
/// <param name="P50">Milliseconds, median over the rounds.</param>
/// <param name="P99">The same.</param>
/// <param name="Verdict">Of the subject beside this one; absent for the subject itself.</param>
/// <param name="Ratio">The subject's rate by this one's: the median of the rounds' ratios.</param>
/// <param name="Low">Where it lies with 95 %: from ...</param>
/// <param name="High">... to.</param>
/// <param name="Rates">A second, of each round.</param>
internal sealed record ContestScore(string Server, double PerSecond, double P50, double P99, string? Verdict, double? Ratio, double? Low, double? High, IReadOnlyList<double> Rates);
