using System.Text.Json;
using CardanoRwa.LoadTest;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Worker.Analysis;
using Npgsql;

namespace CardanoRwa.Tests.LoadTest;

/// <summary>The runner and the analysis of queries on the graph itself.</summary>
[Collection(GraphCollection.Name)]
public sealed class LoadedGraphTests(GraphFixture graph)
{
    [Fact]
    public async Task Every_request_of_the_scenario_is_answered_and_tells_of_the_database()
    {
        for (var i = 0; i < 60; i++)
        {
            await graph.Api.CreateAssetAsync(new { name = $"Listed {i}", value = 1, jurisdiction = "US-WA" });
        }
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
}
