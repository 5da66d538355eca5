using System.Globalization;

namespace CardanoRwa.Worker.Analysis;

/// <summary>What an operator should look at; the limits are those of performance/baselines.json where it has one.</summary>
internal static class Advice
{
    private const double SlowMilliseconds = 50;
    private const double PoolPercent = 70;

    public static IEnumerable<AnalysisFinding> Of(IReadOnlyList<SheetAnswer> answers, bool countsStatements)
    {
        if (!countsStatements)
        {
            yield return new AnalysisFinding("statements_not_counted", "pg_stat_statements", "The server does not count statements, or this user may not make the extension.",
                "Start the server with shared_preload_libraries=pg_stat_statements and, as its superuser, CREATE EXTENSION pg_stat_statements in this database.");
        }
        foreach (var (answer, row) in Rows(answers, "slow-statements").Where(r => r.Answer.Get<double>(r.Row, "avg_ms") > SlowMilliseconds))
        {
            yield return new AnalysisFinding("slow_statement", answer.Get<string>(row, "id"), Text($"{answer.Get<double>(row, "avg_ms")} ms on average over {answer.Get<long>(row, "calls")} calls: {answer.Get<string>(row, "query")}"),
                "EXPLAIN (ANALYZE, BUFFERS) it; look for sequential scans and rows removed by a filter.");
        }
        foreach (var (answer, row) in Rows(answers, "unused-indexes").Where(r => r.Answer.Get<long>(r.Row, "bytes") > 1 << 20))
        {
            yield return new AnalysisFinding("unused_index", answer.Get<string>(row, "index_name"), Text($"{answer.Get<long>(row, "bytes") >> 20} MiB on {answer.Get<string>(row, "table_name")}, never used since the counters began"),
                "When the counters cover a whole month of use, and standbys do not use it either, drop it in a migration.");
        }
        foreach (var (answer, row) in Rows(answers, "sequential-scans"))
        {
            yield return new AnalysisFinding("sequential_scans", answer.Get<string>(row, "table_name"), Text($"{answer.Get<long>(row, "seq_scan")} scans of {answer.Get<long>(row, "rows")} rows from end to end, {answer.Get<long>(row, "idx_scan")} by an index"),
                "Find the statement among the busy ones and give its condition an index.");
        }
        foreach (var (answer, row) in Rows(answers, "unindexed-foreign-keys"))
        {
            yield return new AnalysisFinding("foreign_key_without_index", answer.Get<string>(row, "constraint_name"), Text($"{answer.Get<string>(row, "table_name")} ({answer.Get<string>(row, "columns")})"),
                "Rows of the other table cannot be deleted or re-keyed without reading this one; index it if that is ever done.");
        }
        foreach (var (answer, row) in Rows(answers, "bloat").Where(r => r.Answer.Get<double>(r.Row, "dead_percent") > 20 && r.Answer.Get<long>(r.Row, "dead") > 10_000))
        {
            yield return new AnalysisFinding("bloat", answer.Get<string>(row, "table_name"), Text($"{answer.Get<double>(row, "dead_percent")} % of its rows are dead ({answer.Get<long>(row, "dead")})"),
                "VACUUM (ANALYZE) it, and look for a transaction or a slot that holds vacuum back.");
        }
        var connections = Rows(answers, "connections").ToList();
        if (connections.Count > 0)
        {
            var (used, allowed) = (connections.Sum(r => r.Answer.Get<long>(r.Row, "connections")), connections[0].Answer.Get<long>(connections[0].Row, "allowed"));
            if (100.0 * used / allowed > PoolPercent)
            {
                yield return new AnalysisFinding("connections", "max_connections", Text($"{used} of {allowed} connections are taken"), Text($"The target is {PoolPercent} %: lower the pools of Api and worker, or raise max_connections."));
            }
        }
        foreach (var (answer, row) in Rows(answers, "transactions"))
        {
            yield return new AnalysisFinding("long_transaction", answer.Get<string>(row, "pid"), Text($"{answer.Get<string>(row, "application_name")} for {answer.Get<long>(row, "seconds")} s, {answer.Get<string>(row, "state")}: {answer.Get<string>(row, "query")}"),
                "End it with pg_terminate_backend(pid) if nobody needs it.");
        }
        foreach (var (answer, row) in Rows(answers, "cache").Where(r => r.Answer.Get<double>(r.Row, "hit_percent") is > 0 and < 95 && r.Answer.Get<long>(r.Row, "blks_read") > 100_000))
        {
            yield return new AnalysisFinding("cache", "shared_buffers", Text($"{answer.Get<double>(row, "hit_percent")} % of what was read lay in memory"), "Give the server more memory, or find the statement that reads more than it must.");
        }
    }

    private static IEnumerable<(SheetAnswer Answer, IReadOnlyList<object?> Row)> Rows(IReadOnlyList<SheetAnswer> answers, string name) =>
        answers.Where(a => a.Name == name).SelectMany(a => a.Rows.Select(r => (a, r)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
