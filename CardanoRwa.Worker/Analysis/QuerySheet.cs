using System.Text.RegularExpressions;

namespace CardanoRwa.Worker.Analysis;

/// <summary>performance/query-analysis.sql, statement by statement; it is the only copy.</summary>
public static partial class QuerySheet
{
    public static IReadOnlyList<QuestionOfSheet> Read()
    {
        using var stream = typeof(QuerySheet).Assembly.GetManifestResourceStream("query-analysis.sql")!;
        using var reader = new StreamReader(stream);
        return [.. Heading().Matches(reader.ReadToEnd()).Select(m => new QuestionOfSheet(m.Groups["name"].Value, m.Groups["about"].Value.Trim(), m.Groups["sql"].Value.Trim().TrimEnd(';')))];
    }

    [GeneratedRegex(@"^-- (?<name>[a-z-]+): (?<about>[^\n]+)\n(?<sql>(?!--).+?;)\s*$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();
}

/// <param name="Name">Of the line above the statement.</param>
/// <param name="About">What it tells.</param>
/// <param name="Sql">The statement.</param>
public sealed record QuestionOfSheet(string Name, string About, string Sql);
