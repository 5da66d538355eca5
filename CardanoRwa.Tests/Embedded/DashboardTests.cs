using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CardanoRwa.Tests.Embedded;

public sealed partial class DashboardTests(DashboardApp app) : IClassFixture<DashboardApp>
{
    [Fact]
    public async Task Resources_are_told_with_state_endpoints_process_and_commands()
    {
        var ticker = await app.TickerWhenAsync(t => t.GetProperty("state").GetString() == "Running");

        Assert.Equal("Executable", ticker.GetProperty("type").GetString());
        Assert.True(ticker.GetProperty("processId").GetInt32() > 0);
        Assert.Equal(["restart", "stop"], ticker.GetProperty("commands").EnumerateArray().Select(c => c.GetString()));
        var url = Assert.Single(ticker.GetProperty("urls").EnumerateArray());
        Assert.Equal("web", url.GetProperty("name").GetString());
        Assert.True(url.GetProperty("isLink").GetBoolean());
    }

    [Theory]
    [InlineData("PLAIN", "visible")]
    [InlineData("ACCESS", "••••••••")]
    [InlineData("LINK", "amqp://user:••••••••@queue/v")]
    [InlineData("SMTP_PASSWORD", "••••••••")]
    [InlineData("DATABASE", "Host=db;Username=u;Password=••••••••;Application Name=x")]
    public async Task Environment_is_told_without_secrets(string name, string expected)
    {
        var variables = await app.Client.GetFromJsonAsync<JsonElement>("api/resources/ticker/environment");

        var variable = variables.EnumerateArray().Single(v => v.GetProperty("name").GetString() == name);
        Assert.Equal(expected, variable.GetProperty("value").GetString());
        Assert.Equal(name != "PLAIN", variable.GetProperty("isMasked").GetBoolean());
    }

    [Fact]
    public async Task Logs_stream_lines_as_they_come_with_stderr_marked_and_secrets_hidden()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var stream = await app.Client.GetStreamAsync("api/logs?resource=ticker", patience.Token);
        var seen = new List<(string? Text, bool IsError)>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(patience.Token))
        {
            using var lines = JsonDocument.Parse(item.Data);
            seen.AddRange(lines.RootElement.EnumerateArray().Select(l => (l.GetProperty("text").GetString(), l.GetProperty("isError").GetBoolean())));
            if (seen.Count(l => l.IsError) > 2)
                break;
        }

        Assert.Contains(("tick ••••••••", false), seen);
        Assert.Contains(("trouble", true), seen.Select(l => (l.Text?.Trim(), l.IsError)));
    }

    [Fact]
    public async Task Changes_are_streamed()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var stream = await app.Client.GetStreamAsync("api/resources/events", patience.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(patience.Token))
        {
            Assert.Equal("resources", item.EventType);
            Assert.Contains("\"id\":\"ticker\"", item.Data, StringComparison.Ordinal);
            break;
        }
    }

    [Fact]
    public async Task Restart_starts_another_process_and_is_counted_and_stop_stops_it()
    {
        var before = await app.TickerWhenAsync(t => t.GetProperty("state").GetString() == "Running");

        Assert.Equal(HttpStatusCode.NoContent, await ActAsync("ticker", "restart"));
        var after = await app.TickerWhenAsync(t => t.GetProperty("restarts").GetInt32() == before.GetProperty("restarts").GetInt32() + 1);
        Assert.NotEqual(before.GetProperty("processId").GetInt32(), after.GetProperty("processId").GetInt32());

        Assert.Equal(HttpStatusCode.NoContent, await ActAsync("ticker", "stop"));
        var stopped = await app.TickerWhenAsync(t => t.GetProperty("state").GetString() == "Exited");
        Assert.Equal(["start"], stopped.GetProperty("commands").EnumerateArray().Select(c => c.GetString()));

        Assert.Equal(HttpStatusCode.NoContent, await ActAsync("ticker", "start"));
        await app.TickerWhenAsync(t => t.GetProperty("state").GetString() == "Running");
    }

    [Theory]
    [InlineData("nobody", "restart")]
    [InlineData("ticker", "explode")]
    [InlineData("code", "stop")]
    public async Task Command_that_cannot_be_carried_out_is_refused(string resource, string command) =>
        Assert.Equal(HttpStatusCode.Conflict, await ActAsync(resource, command));

    [Theory]
    [InlineData("GET", "Host", "evil.example")]
    [InlineData("GET", "Host", "localhost.evil.example:15000")]
    [InlineData("GET", "Origin", "https://evil.example")]
    [InlineData("GET", "Origin", "null")]
    [InlineData("GET", "Sec-Fetch-Site", "cross-site")]
    [InlineData("POST", "Sec-Fetch-Site", "same-site")]
    [InlineData("POST", "Origin", "http://localhost:1")]
    [InlineData("POST", "Host", "evil.example")]
    public async Task Request_from_another_site_is_refused(string method, string header, string value)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), method == "GET" ? "api/resources" : "api/resources/ticker/restart");
        request.Headers.TryAddWithoutValidation("X-Rwa-Dashboard", "1");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Action_without_the_header_that_only_its_own_page_can_send_is_refused()
    {
        using var response = await app.Client.PostAsync("api/resources/ticker/restart", content: null);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Page_needs_nothing_from_elsewhere_and_forbids_it()
    {
        using var response = await app.Client.GetAsync("");
        var page = await response.Content.ReadAsStringAsync();

        Assert.StartsWith("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        foreach (Match file in Source().Matches(page))
            Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(file.Groups[1].Value)).StatusCode);
    }

    private async Task<HttpStatusCode> ActAsync(string resource, string command)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/resources/{resource}/{command}") { Headers = { { "X-Rwa-Dashboard", "1" } } };
        using var response = await app.Client.SendAsync(request);
        return response.StatusCode;
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Source();
}
