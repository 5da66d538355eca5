using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CardanoRwa.LoadTest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Tests.LoadTest;

/// <summary>The runner against servers whose behaviour is known.</summary>
public sealed class LoadRunTests
{
    [Fact]
    public async Task Stall_of_the_server_is_charged_to_every_request_that_was_due_in_it()
    {
        using var stalled = new CancellationTokenSource();
        var requests = 0;
        await using var server = await ServeAsync(async context =>
        {
            // From the 30th on, all wait until the stall is over.
            if (Interlocked.Increment(ref requests) == 30)
            {
                stalled.CancelAfter(TimeSpan.FromSeconds(1));
            }
            if (Volatile.Read(ref requests) >= 30)
            {
                await Task.Delay(Timeout.Infinite, stalled.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });

        var run = await RunAsync(server, new RequestModel("GET", "/", 200), new Profile(["it"], Users: 4, Seconds: 3, RatePerSecond: 40));

        // A second of 40: a third of 120 waited, half a second on average; a sender that waits for answers would tell of the 4 it had under way.
        var late = run.Meters.Single().Latency;
        Assert.InRange(late.TotalCount, 60, 125);
        Assert.True(late.GetValueAtPercentile(85) > 250_000, $"p85 is {late.GetValueAtPercentile(85)} microseconds.");
        Assert.True(late.GetValueAtPercentile(20) < 250_000, $"p20 is {late.GetValueAtPercentile(20)} microseconds.");
    }

    [Fact]
    public async Task Requests_carry_keys_used_once_and_faults_are_counted_and_the_first_is_told()
    {
        var keys = new ConcurrentBag<string>();
        var answered = 0;
        await using var server = await ServeAsync(async context =>
        {
            var body = await JsonNode.ParseAsync(context.Request.Body);
            keys.Add($"{context.Request.Headers["Idempotency-Key"]} {body!["name"]}");
            context.Response.StatusCode = Interlocked.Increment(ref answered) % 10 == 0 ? 503 : 201;
            context.Response.Headers["Server-Timing"] = "db;dur=2.5";
            // Without a length, so in chunks.
            await context.Response.WriteAsync("one ");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync(new string('x', 100_000));
        });

        var run = await RunAsync(server, new RequestModel("POST", "/", 201, new JsonObject { ["name"] = "Asset {n}" }), new Profile(["it"], Users: 4, Seconds: 1));

        var meter = run.Meters.Single();
        Assert.True(meter.Latency.TotalCount > 20, $"{meter.Latency.TotalCount} answers");
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.All(keys, k => Assert.Matches("^[0-9a-f]{8}-([0-9]{12}) Asset \\1$", k));
        Assert.InRange(meter.Failures, (answered / 10) - 4, (answered / 10) + 4);
        Assert.Contains("503", run.Fault, StringComparison.Ordinal);
        Assert.InRange(meter.Database.GetValueAtPercentile(50), 2_490, 2_510);
    }

    [Theory]
    [InlineData(1.00, 0.01, "same")]
    [InlineData(0.80, 0.02, "worse")]
    [InlineData(1.25, 0.02, "better")]
    [InlineData(0.97, 0.30, "undecided")]
    public void Rounds_decide_by_where_the_ratio_lies(double ratio, double noise, string verdict)
    {
        var random = new Random(7);
        var rounds = Enumerable.Range(0, 15).Select(_ => new[] { 1000.0, 1000 * ratio * (1 + ((random.NextDouble() - 0.5) * 2 * noise)) }).ToList();

        var result = Comparison.Of(rounds);

        Assert.Equal(verdict, result.Verdict);
        Assert.InRange(result.Ratio, result.Low, result.High);
    }

    [Fact]
    public async Task Bare_server_starts_and_gives_a_rate()
    {
        await using var server = await ConstantServer.StartAsync(default);

        var bare = await Contender.PrepareAsync(new Target(server.Address, null, null), new RequestModel("GET", "/", 200), default);
        Assert.True(await bare.RateAsync(users: 4, seconds: 1, default) > 1);
    }

    [Fact]
    public async Task Limits_that_are_breached_are_named()
    {
        var slow = new Percentiles(150, 300, 400, 900, 950, 1900);
        var report = new Report("peak", default, null, "", 10, 1000, 700, 100, 0.2, null, slow, new Percentiles(1, 2, 60, 70, 80, 90), null, [], []);

        var breached = (await Baselines.CheckAsync(Path.Combine(RepositoryRoot.Path, "performance", "baselines.json"), report, default)).Where(f => !f.Holds).Select(f => f.What);

        Assert.Equal(["api_latency.p50_ms", "database.query_p95_ms", "throughput.requests_per_second"], breached);
    }

    private static async Task<LoadRun> RunAsync(WebApplication server, RequestModel request, Profile profile)
    {
        var target = new Target(new Uri(server.Urls.Single()), null, null);
        var scenario = new Scenario(new Dictionary<string, RequestModel> { ["it"] = request }, new Dictionary<string, Profile>());
        var run = new LoadRun(target, profile, await target.PrepareAsync(scenario, profile, default));
        await run.RunAsync(static _ => { }, default);
        return run;
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
