using System.Diagnostics;
using System.Text.Json;
using CardanoRwa.LoadTest;
using CardanoRwa.Tests.Delivery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Tests.LoadTest;

/// <summary>The gate: what it calls a regression, and what it does not.</summary>
public sealed class ContestTests
{
    private static readonly string Performance = Path.Combine(RepositoryRoot.Path, "performance");

    [Fact]
    public async Task Slowed_build_is_caught_and_the_record_fits_its_schema()
    {
        // The same server twice; one of the two works for five milliseconds before it answers.
        await using var before = await ServeAsync(_ => { });
        await using var after = await ServeAsync(static _ =>
        {
            var until = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 200);
            while (Stopwatch.GetTimestamp() < until)
            {
            }
        });
        var folder = Directory.CreateTempSubdirectory("rwa-contest-").FullName;
        var contest = Path.Combine(folder, "contest.json");
        await File.WriteAllTextAsync(contest, """
            { "subject": "after", "users": 4, "secondsEach": 1, "rounds": 3, "servers": { "before": {}, "after": {} }, "requests": { "it": { "*": { "method": "GET", "path": "/", "expect": 200 } } } }
            """);

        var (code, said) = await Tool.RunAsync(
            "dotnet", "the .NET SDK", folder, "exec", Path.Combine(AppContext.BaseDirectory, "CardanoRwa.LoadTest.dll"), "contest", contest, "--gate",
            "--at", $"before={before.Urls.Single()}", $"after={after.Urls.Single()}", "--output", Path.Combine(folder, "result"));

        Assert.True(code == 4, said);
        Assert.Contains("Proved worse: it.", said, StringComparison.Ordinal);
        var report = JsonSerializer.Deserialize(await File.ReadAllTextAsync(Path.Combine(folder, "result.json")), LoadJson.Default.ContestReport)!;
        var score = report.Requests.Single().Scores.Single(s => s.Server == "before");
        Assert.True(score.Ratio < 0.9, said);
        Assert.Equal(3, score.Rates.Count);
        Assert.Equal(report.ToMarkdown(), await File.ReadAllTextAsync(Path.Combine(folder, "result.md")));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Regression_counts_only_where_other_processes_show_it_too_and_doubt_passes_but_is_told()
    {
        var first = Report(("list", "worse"), ("read", "same"), ("create", "worse"));

        Assert.Equal((true, "Proved worse: list; create."), first.Judge());
        Assert.Equal((true, "Proved worse: list. Undecided: read; create."), Report(("list", "worse"), ("read", "worse"), ("create", "same")).Judge(first));
        Assert.Equal((false, "No regression is proved. Undecided: list; create."), Report(("list", "better"), ("read", "same"), ("create", "undecided")).Judge(first));
        Assert.Equal((false, "No regression is proved. Undecided: list."), Report(("list", "undecided")).Judge());
        Assert.Equal((false, "No regression is proved."), Report(("list", "same"), ("read", "better")).Judge());
    }

    [Fact]
    public void Equal_servers_on_a_noisy_machine_are_hardly_ever_called_worse_and_slower_ones_are_found()
    {
        var random = new Random(11);
        var verdicts = Enumerable.Range(0, 300).Select(_ => Verdict(1)).ToList();
        // At most one in fifty alarms falsely; of two pairs of processes at once it would be one in thousands.
        Assert.InRange(verdicts.Count(v => v == "worse"), 0, 6);
        Assert.InRange(Enumerable.Range(0, 50).Count(_ => Verdict(0.8) == "worse"), 35, 50);

        // Eight in a hundred either way in each round, and now and then a burst that halves one side.
        string Verdict(double ratio) => Comparison.Of([.. Enumerable.Range(0, 9).Select(_ => new[] { 1000 * Noise(), 1000 * ratio * Noise() })], resamples: 1000).Verdict;
        double Noise() => (1 + ((random.NextDouble() - 0.5) * 0.16)) * (random.Next(15) == 0 ? 0.5 : 1);
    }

    [Fact]
    public async Task Every_contest_names_its_subject_and_asks_each_server_something()
    {
        foreach (var path in (string[])[Path.Combine(Performance, "gate.json"), Path.Combine(Performance, "costs.json"), Path.Combine(Performance, "peers", "peers.json")])
        {
            var contest = await Contest.ReadAsync(path, default);
            Assert.All(contest.Servers.Keys, server => Assert.Contains(contest.Requests.Keys, r => contest.Model(r, server) is not null));
            Assert.All(contest.Requests.Values, models => Assert.Empty(models.Keys.Except([.. contest.Servers.Keys, "*"])));
        }
    }

    [Fact]
    public async Task Gate_measures_nothing_where_no_source_of_the_Api_changed_and_says_when_it_has_nothing_to_compare_with()
    {
        var folder = Directory.CreateTempSubdirectory("rwa-gate-").FullName;
        var script = Path.Combine(folder, "performance", "gate.sh");
        Directory.CreateDirectory(Path.GetDirectoryName(script)!);
        File.Copy(Path.Combine(Performance, "gate.sh"), script);
        await GitAsync("init", "--quiet");
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--message=first");
        var (code, said) = await Tool.RunAsync("bash", "bash", folder, script);
        Assert.True(code == 3 && said.Contains("no commit to compare with", StringComparison.Ordinal), said);

        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), "words");
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--message=second");
        (code, said) = await Tool.RunAsync("bash", "bash", folder, script);
        Assert.True(code == 0 && said.Contains("nothing to measure", StringComparison.Ordinal), said);
        Directory.Delete(folder, recursive: true);

        async Task GitAsync(params string[] arguments)
        {
            var (failed, why) = await Tool.RunAsync("git", "apt-get install -y git", folder, ["-c", "user.name=test", "-c", "user.email=test@example.com", .. arguments]);
            Assert.True(failed == 0, why);
        }
    }

    private static ContestReport Report(params (string Name, string Verdict)[] requests) => new(
        "gate", default, null, "", "after", 1, 1, 3, new Dictionary<string, string>(),
        [.. requests.Select(r => new ContestRequest(r.Name, [new ContestScore("after", 1, 1, 1, null, null, null, null, []), new ContestScore("before", 1, 1, 1, r.Verdict, 1, 1, 1, [])]))]);

    private static async Task<WebApplication> ServeAsync(Action<HttpContext> work)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(context =>
        {
            work(context);
            return context.Response.WriteAsync("answer");
        });
        await app.StartAsync();
        return app;
    }
}
