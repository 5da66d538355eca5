using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace CardanoRwa.Tests.ServiceDefaults;

public class HttpClientDefaultsTests
{
    [Theory]
    [InlineData("GET", 3)]
    [InlineData("PUT", 1)]
    [InlineData("POST", 1)]
    [InlineData("DELETE", 1)]
    public async Task Failed_request_is_sent_again_only_if_it_changes_nothing(string method, int expected)
    {
        var attempts = 0;
        await using var host = await ServiceHost.StartAsync(
            builder => builder.Services.ConfigureAll<HttpStandardResilienceOptions>(options => options.Retry.Delay = TimeSpan.FromMilliseconds(1)),
            app => app.Map("/flaky", () => Results.StatusCode(++attempts < 3 ? 503 : 200)));
        using var client = host.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host.Client.BaseAddress!, "/flaky"));

        await client.SendAsync(request);

        Assert.Equal(expected, attempts);
    }

    [Fact]
    public async Task Service_name_is_resolved_from_what_the_host_injects()
    {
        await using var target = await ServiceHost.StartAsync(map: app => app.MapGet("/name", () => "target"));
        await using var host = await ServiceHost.StartAsync(settings: ("services:api:http:0", target.App.Urls.First()));
        using var client = host.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        Assert.Equal("target", await client.GetStringAsync(new Uri("http://api/name")));
    }
}
