using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace CardanoRwa.Tests.ServiceDefaults;

public class HealthEndpointsTests
{
    [Theory]
    [InlineData("database", HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    [InlineData("StackExchange.Redis", HttpStatusCode.OK, "Degraded")]
    [InlineData("StackExchange.Redis_sessions", HttpStatusCode.OK, "Degraded")]
    public async Task Health_tells_a_lost_dependency_by_its_status_word_alone(string dependency, HttpStatusCode code, string word)
    {
        await using var host = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck(dependency, _ => throw new InvalidOperationException("Host=db.internal;Password=hunter2")));

        await AssertAnswer(host, "/health", code, word);
        await AssertAnswer(host, "/alive", HttpStatusCode.OK, "Healthy");
    }

    [Theory]
    [InlineData("database", HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    [InlineData("StackExchange.Redis", HttpStatusCode.OK, "Degraded")]
    public async Task Health_with_a_check_that_blocks_its_thread_answers_in_time(string dependency, HttpStatusCode code, string word)
    {
        using var stuck = new ManualResetEventSlim();
        await using var host = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks().AddCheck(dependency, () =>
        {
            stuck.Wait();
            return HealthCheckResult.Healthy();
        }));

        var started = Stopwatch.GetTimestamp();
        await AssertAnswer(host, "/health", code, word);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 1.5, 3);
        await AssertAnswer(host, "/alive", HttpStatusCode.OK, "Healthy");
        stuck.Set();
    }

    [Fact]
    public async Task Check_that_never_ends_is_started_once_however_often_it_is_asked()
    {
        var starts = 0;
        await using var host = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks().AddAsyncCheck("database", async () =>
        {
            Interlocked.Increment(ref starts);
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return HealthCheckResult.Healthy();
        }));

        await host.Client.GetAsync("/health");
        await host.Client.GetAsync("/health");

        Assert.Equal(1, starts);
    }

    [Fact]
    public async Task Flood_of_probes_runs_the_checks_once_a_second()
    {
        var runs = 0;
        var clock = new FakeTimeProvider();
        await using var host = await ServiceHost.StartAsync(builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Services.AddHealthChecks().AddCheck("counted", () =>
            {
                Interlocked.Increment(ref runs);
                return HealthCheckResult.Healthy();
            });
        });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => host.Client.GetStringAsync($"/health?{i}")));
        Assert.Equal(1, runs);

        clock.Advance(TimeSpan.FromSeconds(1));
        await host.Client.GetStringAsync("/health");
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task Recovered_dependency_shows_within_a_second()
    {
        var up = false;
        await using var host = await ServiceHost.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => up ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy()));

        await AssertAnswer(host, "/health", HttpStatusCode.ServiceUnavailable, "Unhealthy");
        up = true;
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        await AssertAnswer(host, "/health", HttpStatusCode.OK, "Healthy");
    }

    [Fact]
    public async Task Probes_stay_open_where_everything_else_needs_a_login()
    {
        await using var host = await ServiceHost.StartAsync(
            builder => builder.Services.AddAuthentication().Services.AddAuthorizationBuilder().SetFallbackPolicy(
                new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build()),
            app => app.UseAuthorization());

        await AssertAnswer(host, "/health", HttpStatusCode.OK, "Healthy");
        await AssertAnswer(host, "/alive", HttpStatusCode.OK, "Healthy");
    }

    private static async Task AssertAnswer(ServiceHost host, string path, HttpStatusCode code, string word)
    {
        using var response = await host.Client.GetAsync(path);
        Assert.Equal((code, word), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.True(response.Headers.CacheControl?.NoStore);
    }
}
