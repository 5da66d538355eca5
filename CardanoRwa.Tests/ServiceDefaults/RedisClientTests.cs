using System.Diagnostics;
using System.Net;
using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace CardanoRwa.Tests.ServiceDefaults;

public class RedisClientTests
{
    private const string Section = "Aspire:StackExchange:Redis";

    [Fact]
    public async Task Distributed_cache_shares_the_connection_and_keeps_a_value()
    {
        await using var redis = new ToyRedis();
        await using var host = await StartAsync(redis.ConnectionString);
        var cache = host.App.Services.GetRequiredService<IDistributedCache>();

        await cache.SetStringAsync("asset", "house");

        Assert.Equal("house", await cache.GetStringAsync("asset"));
        Assert.Equal("Healthy", await host.Client.GetStringAsync("/health"));
        Assert.True(host.App.Services.GetRequiredService<IConnectionMultiplexer>().IsConnected);
    }

    [Fact]
    public async Task Health_with_no_server_is_degraded_and_the_process_starts()
    {
        await using var host = await StartAsync("127.0.0.1:1");

        await AssertDegraded(host);
        Assert.False(host.App.Services.GetRequiredService<IConnectionMultiplexer>().IsConnected);
    }

    [Fact]
    public async Task Command_with_no_server_fails_at_once_instead_of_queueing()
    {
        await using var host = await StartAsync("127.0.0.1:1");
        var cache = host.App.Services.GetRequiredService<IDistributedCache>();
        await Assert.ThrowsAnyAsync<RedisException>(() => cache.GetStringAsync("connects"));

        var started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<RedisException>(() => cache.GetStringAsync("asset"));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task Command_to_a_silent_server_gives_up_within_seconds()
    {
        await using var redis = new ToyRedis();
        await using var host = await StartAsync(redis.ConnectionString);
        var cache = host.App.Services.GetRequiredService<IDistributedCache>();
        Assert.Null(await cache.GetStringAsync("connects"));
        redis.Silent = true;

        var started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<RedisTimeoutException>(() => cache.GetStringAsync("asset"));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Timeouts_in_the_connection_string_win_over_the_defaults()
    {
        await using var plain = await StartAsync("127.0.0.1:1");
        await using var tuned = await StartAsync("127.0.0.1:1,connectTimeout=700,asyncTimeout=800,abortConnect=true");

        Assert.Equal((2000, 1000, false), Read(plain));
        Assert.Equal((700, 800, true), Read(tuned));

        static (int, int, bool) Read(ServiceHost host)
        {
            var options = host.App.Services.GetRequiredService<IOptions<ConfigurationOptions>>().Value;
            return (options.ConnectTimeout, options.AsyncTimeout, options.AbortOnConnectFail);
        }
    }

    [Fact]
    public async Task Health_with_a_server_gone_silent_is_degraded_in_time()
    {
        await using var redis = new ToyRedis();
        await using var host = await StartAsync(redis.ConnectionString);
        Assert.Equal("Healthy", await host.Client.GetStringAsync("/health"));

        redis.Silent = true;
        await Task.Delay(TimeSpan.FromSeconds(1.1));

        await AssertDegraded(host);
    }

    [Fact]
    public void More_specific_section_wins_and_a_lost_server_never_aborts()
    {
        (string, string?)[] settings = [("ConnectionStrings:cache", "127.0.0.1:1"), ($"{Section}:ConnectionString", "loses:1"), ($"{Section}:ConfigurationOptions:ConnectTimeout", "100")];

        Assert.Equal(100, Build(settings).ConnectTimeout);
        Assert.Equal(200, Build([.. settings, ($"{Section}:cache:ConfigurationOptions:ConnectTimeout", "200")]).ConnectTimeout);
        Assert.Equal(300, Build(settings, options => options.ConnectTimeout = 300).ConnectTimeout);
        Assert.Equal("127.0.0.1:1", Build(settings).EndPoints.Single().ToString());
        Assert.False(Build(settings).AbortOnConnectFail);
        Assert.True(Build([.. settings, ("ConnectionStrings:cache", "127.0.0.1:1,abortConnect=true")]).AbortOnConnectFail);

        static ConfigurationOptions Build((string Key, string?)[] settings, Action<ConfigurationOptions>? configure = null)
        {
            var builder = ServiceHost.CreateBuilder([.. settings.GroupBy(setting => setting.Key).Select(same => same.Last())]);
            builder.AddRedisClient("cache", configureOptions: configure);
            using var services = builder.Services.BuildServiceProvider();
            return services.GetRequiredService<IOptions<ConfigurationOptions>>().Value;
        }
    }

    [Fact]
    public void Missing_connection_string_is_reported_when_the_connection_is_asked_for()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.AddRedisClient("cache");
        using var services = builder.Services.BuildServiceProvider();

        var error = Assert.Throws<InvalidOperationException>(services.GetRequiredService<IConnectionMultiplexer>);

        Assert.Contains("'ConnectionStrings:cache'", error.Message);
    }

    [Fact]
    public async Task Registered_twice_is_checked_once_and_the_last_wins()
    {
        await using var redis = new ToyRedis();
        await using var host = await ServiceHost.StartAsync(builder =>
        {
            builder.AddRedisClient("other");
            builder.AddRedisDistributedCache("cache");
        }, settings: [("ConnectionStrings:other", "127.0.0.1:1"), ("ConnectionStrings:cache", redis.ConnectionString)]);

        Assert.Equal("Healthy", await host.Client.GetStringAsync("/health"));
    }

    [Fact]
    public async Task Disabled_health_check_leaves_the_lost_server_unmentioned()
    {
        await using var host = await ServiceHost.StartAsync(
            builder => builder.AddRedisClient("cache", (StackExchangeRedisSettings settings) => settings.DisableHealthChecks = true),
            settings: ("ConnectionStrings:cache", "127.0.0.1:1"));

        Assert.Equal("Healthy", await host.Client.GetStringAsync("/health"));
    }

    private static Task<ServiceHost> StartAsync(string connectionString) =>
        ServiceHost.StartAsync(builder => builder.AddRedisDistributedCache("cache"), settings: ("ConnectionStrings:cache", connectionString));

    private static async Task AssertDegraded(ServiceHost host)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await host.Client.GetAsync("/health");
        Assert.Equal((HttpStatusCode.OK, "Degraded"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(3));
    }
}
