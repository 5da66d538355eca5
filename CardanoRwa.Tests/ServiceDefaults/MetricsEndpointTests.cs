using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.ServiceDefaults;

public class MetricsEndpointTests
{
    [Fact]
    public async Task Loopback_without_a_metrics_port_is_served()
    {
        await using var host = await ServiceHost.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/metrics")).StatusCode);
    }

    [Theory]
    [InlineData("203.0.113.9")]
    [InlineData("10.0.0.7")]
    public async Task Other_machine_without_a_metrics_port_finds_nothing(string remote)
    {
        await using var host = await ServiceHost.StartAsync(builder => ConnectFrom(builder, remote));

        await AssertNothingAt(host.Client);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=203.0.113.9")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    public async Task Proxy_on_the_same_machine_finds_nothing(string header, string value)
    {
        await using var host = await ServiceHost.StartAsync();
        host.Client.DefaultRequestHeaders.Add(header, value);

        await AssertNothingAt(host.Client);
    }

    [Fact]
    public async Task Forged_loopback_address_behind_trusted_forwarding_finds_nothing()
    {
        await using var host = await ServiceHost.StartAsync(settings: ("ForwardedHeaders_Enabled", "true"));
        host.Client.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");

        await AssertNothingAt(host.Client);
    }

    [Theory]
    [InlineData("Metrics:Port")]
    [InlineData("METRICS_PORT")]
    public async Task Metrics_port_serves_every_machine_and_the_main_port_none(string key)
    {
        var port = ServiceHost.FreePort();
        await using var host = await ServiceHost.StartAsync(
            builder => ConnectFrom(builder, "10.0.0.7"), settings: (key, port.ToString(CultureInfo.InvariantCulture)));
        using var scraper = ServiceHost.ClientOf(new Uri($"http://127.0.0.1:{port}"));

        Assert.Contains("target_info", await scraper.GetStringAsync("/metrics"));
        await AssertNothingAt(host.Client);
        Assert.Equal("Healthy", await host.Client.GetStringAsync("/health"));
        // Only the port that the connection came in on counts; the Host header is the caller's to choose.
        host.Client.DefaultRequestHeaders.Host = $"127.0.0.1:{port}";
        await AssertNothingAt(host.Client);
    }

    [Fact]
    public async Task Metrics_port_stands_beside_HTTP_PORTS()
    {
        var (main, metrics) = (ServiceHost.FreePort(), ServiceHost.FreePort());
        await using var host = await ServiceHost.StartAsync(settings:
            [("HTTP_PORTS", $"{main}"), ("METRICS_PORT", $"{metrics}")]);
        using var client = ServiceHost.ClientOf(new Uri($"http://127.0.0.1:{main}"));
        using var scraper = ServiceHost.ClientOf(new Uri($"http://127.0.0.1:{metrics}"));

        Assert.Equal("Healthy", await client.GetStringAsync("/alive"));
        Assert.Contains("target_info", await scraper.GetStringAsync("/metrics"));
    }

    private static async Task AssertNothingAt(HttpClient client)
    {
        using var response = await client.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsStringAsync());
    }

    private static void ConnectFrom(WebApplicationBuilder builder, string remote) =>
        builder.Services.AddSingleton<IStartupFilter>(new RemoteAddress(IPAddress.Parse(remote)));

    private sealed class RemoteAddress(IPAddress address) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, rest) =>
            {
                context.Connection.RemoteIpAddress = address;
                return rest(context);
            });
            next(app);
        };
    }
}
