using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.LoadTest;
using CardanoRwa.Tests.Delivery;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Worker.Analysis;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CardanoRwa.Tests.LoadTest;

/// <summary>The runner and the analysis of queries on the graph itself.</summary>
[Collection(GraphCollection.Name)]
public sealed class LoadedGraphTests(GraphFixture graph)
{
    [Fact]
    public async Task Every_request_of_the_scenario_is_answered_and_tells_of_the_database()
    {
        await ListSomeAsync();
        var scenario = await Scenario.ReadAsync(Path.Combine(RepositoryRoot.Path, "tests", "performance", "scenario.json"), default);
        var profile = scenario.Profiles["smoke"];
        var target = new Target(graph.Api.BaseAddress!, "rwa-dev-key", null);
        var run = new LoadRun(target, profile, await target.PrepareAsync(scenario, profile, default));

        await run.RunAsync(static _ => { }, default);

        Assert.True(run.Fault is null, run.Fault);
        Assert.Equal(scenario.Requests.Keys.Order(), run.Meters.Where(m => m.Latency.TotalCount > 0).Select(m => m.Name).Order());
        Assert.True(run.Meters.Single(m => m.Name == "create").Database.TotalCount > 0, "No Server-Timing came with a create.");
        var report = Report.Of("smoke", profile, run, TimeProvider.System.GetUtcNow(), null, null);
        Assert.Equal(report.Requests.Count, JsonSerializer.Deserialize(JsonSerializer.Serialize(report, LoadJson.Default.Report), LoadJson.Default.Report)!.Requests.Count);
        Assert.Contains("<svg", HtmlPage.Write(report, []), StringComparison.Ordinal);
    }

    /// <summary>k6 is not installed here, so its script runs by stand-ins for the parts of k6 that it uses.</summary>
    [Fact]
    public async Task Script_of_k6_sends_every_request_of_the_scenario_and_each_is_answered_as_expected()
    {
        await ListSomeAsync();
        var folder = Directory.CreateTempSubdirectory("rwa-k6-").FullName;

        var (code, said) = await Tool.RunAsync(
            "node", "apt-get install -y nodejs", folder, Path.Combine(RepositoryRoot.Path, "CardanoRwa.Tests", "LoadTest", "k6", "run.mjs"),
            Path.Combine(RepositoryRoot.Path, "tests", "performance", "performance-regression.k6.js"), graph.Api.BaseAddress!.ToString().TrimEnd('/'), "rwa-dev-key", "smoke", "14");

        Assert.True(code == 0, said);
        var result = JsonElement.Parse(said);
        Assert.True(result.GetProperty("failed").GetArrayLength() == 0, said);
        var scenario = await Scenario.ReadAsync(Path.Combine(RepositoryRoot.Path, "tests", "performance", "scenario.json"), default);
        var sent = result.GetProperty("sent").EnumerateArray().Skip(result.GetProperty("prepared").GetInt32()).ToList();
        Assert.Equal(scenario.Profiles["smoke"].Mix.Concat(scenario.Profiles["smoke"].Mix).Select(m => (scenario.Requests[m].Method, scenario.Requests[m].Expect)), sent.Select(s => (s.GetProperty("method").GetString()!, s.GetProperty("status").GetInt32())));
        Assert.All(sent, s => Assert.DoesNotContain("{", s.GetProperty("path").GetString(), StringComparison.Ordinal));
        Assert.Equal(14, result.GetProperty("metrics").GetProperty("api_latency_ms").GetInt32());
        Assert.True(result.GetProperty("metrics").GetProperty("db_latency_ms").GetInt32() >= 6, said);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Slow_statement_is_logged_with_its_plan_and_found_by_the_analysis()
    {
        var mark = $"slow_{Guid.NewGuid():N}"[..20];
        await using var source = NpgsqlDataSource.Create(graph.Database);
        // The analysis names the ten slowest; what else ran on a busy machine is not to push this one out.
        await using (var slow = source.CreateCommand($"CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset(); DO 'BEGIN PERFORM pg_sleep(0.3); END'; SELECT 1 AS {mark}, pg_sleep(0.3)"))
        {
            await slow.ExecuteNonQueryAsync();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = new List<string>();
        await foreach (var lines in graph.App.Services.GetRequiredService<ResourceLoggerService>().WatchAsync("postgres").WithCancellation(patience.Token))
        {
            seen.AddRange(lines.Select(l => l.Content));
            if (seen.Any(l => l.Contains(mark, StringComparison.Ordinal)) && seen.SkipWhile(l => !l.Contains(mark, StringComparison.Ordinal)).Any(l => l.Contains("Result", StringComparison.Ordinal)))
            {
                break;
            }
        }
        Assert.Contains(seen, l => l.Contains("plan:", StringComparison.Ordinal));
        var report = await new DatabaseAnalysis(source).RunAsync(default);
        Assert.Contains(report.Findings, f => f.Code == "slow_statement" && f.Detail.Contains(mark, StringComparison.Ordinal));
        Assert.DoesNotContain(report.Findings, f => f.Detail.Contains("DO '", StringComparison.Ordinal)); // Slow too, but no EXPLAIN can look at it.
    }

    [Fact]
    public async Task Analysis_answers_every_question_and_advises_on_what_was_planted()
    {
        await using var source = NpgsqlDataSource.Create(graph.Database);
        await using (var plant = source.CreateCommand("""
            CREATE TABLE planted (id int, body text);
            INSERT INTO planted SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 20000) i;
            CREATE INDEX planted_unused ON planted (body);
            ANALYZE planted;
            """))
        {
            await plant.ExecuteNonQueryAsync();
        }
        try
        {
            var report = await new DatabaseAnalysis(source).RunAsync(default);

            Assert.Equal(QuerySheet.Read().Select(q => q.Name), report.Answers.Select(a => a.Name));
            Assert.Equal(11, report.Answers.Count);
            Assert.Contains(report.Findings, f => f is { Code: "unused_index", Subject: "planted_unused" });
            Assert.DoesNotContain(report.Findings, f => f.Code == "statements_not_counted");
            Assert.NotEmpty(report.Answers.Single(a => a.Name == "busy-statements").Rows);
            Assert.Contains("Execution Time", string.Join('\n', report.Answers.Single(a => a.Name == "recent-assets").Rows.Select(r => r[0])), StringComparison.Ordinal);
        }
        finally
        {
            await using var clean = source.CreateCommand("DROP TABLE planted");
            await clean.ExecuteNonQueryAsync();
        }
    }

    private async Task ListSomeAsync()
    {
        for (var i = 0; i < 60; i++)
        {
            await graph.Api.CreateAssetAsync(new { name = $"Listed {i}", value = 1, jurisdiction = "US-WA" });
        }
    }
}
