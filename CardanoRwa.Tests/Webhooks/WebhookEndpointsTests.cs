using System.Diagnostics;
using System.Net;
using CardanoRwa.Core.Auth;
using CardanoRwa.Core.Webhooks;
using CardanoRwa.Tests.Auth;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Webhooks;

[Collection(GraphCollection.Name)]
public sealed class WebhookEndpointsTests(GraphFixture graph)
{
    private const string Path = "/api/v1/webhooks";

    [Fact]
    public async Task Webhook_is_made_pinged_told_by_the_worker_and_ended()
    {
        await using var receiver = await Receiver.StartAsync();
        using var created = await graph.Api.PostAsync(Path, new { url = receiver.Url, events = new[] { "asset.created" } });
        var webhook = await created.JsonAsync(HttpStatusCode.Created);
        using var ping = await graph.Api.PostAsync($"{Path}/{webhook.Text("id")}/ping", "");
        await ping.JsonAsync(HttpStatusCode.Accepted);
        var asset = await graph.Api.CreateAssetAsync();

        var since = Stopwatch.GetTimestamp();
        while (!(receiver.All.Any(h => h.EventType == "ping") && receiver.All.Any(h => h.Body.Contains(asset.Text("id"), StringComparison.Ordinal))))
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30), "The worker told nothing.");
            await Task.Delay(50);
        }
        Assert.All(receiver.All, h => Assert.True(WebhookSignature.Verify(h.Signature, webhook.Text("secret"), h.Body, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5))));

        using var deleted = await graph.Api.SendJsonAsync(HttpMethod.Delete, $"{Path}/{webhook.Text("id")}", null);
        using var gone = await graph.Api.GetAsync(new Uri($"{Path}/{webhook.Text("id")}", UriKind.Relative));
        await deleted.JsonAsync();
        await gone.ProblemAsync(HttpStatusCode.NotFound, "webhook_not_found");
    }

    [Fact]
    public async Task Secret_is_shown_once_and_kept_nowhere_in_the_clear()
    {
        var key = Guid.NewGuid().ToString();
        var body = new { url = "http://127.0.0.1:9/", events = new[] { "operation.*" } };
        using var created = await graph.Api.PostAsync(Path, body, key);
        using var again = await graph.Api.PostAsync(Path, body, key);
        var webhook = await created.JsonAsync(HttpStatusCode.Created);
        var secret = webhook.Text("secret");

        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Equal(webhook.Text("id"), (await again.JsonAsync(HttpStatusCode.Created)).Text("id"));
        Assert.False((await again.JsonAsync(HttpStatusCode.Created)).TryGetProperty("secret", out _));
        Assert.False((await graph.Api.GetJsonAsync($"{Path}/{webhook.Text("id")}")).TryGetProperty("secret", out _));
        Assert.DoesNotContain(secret, (await graph.Api.GetJsonAsync(Path)).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(0, await graph.ScalarAsync<long>("SELECT count(*) FROM idempotency_keys WHERE position($1 IN body) > 0", System.Text.Encoding.UTF8.GetBytes(secret)));

        using var rotated = await graph.Api.PostAsync($"{Path}/{webhook.Text("id")}/rotate-secret", "");
        var second = await rotated.JsonAsync();
        Assert.NotEqual(secret, second.Text("secret"));
        Assert.NotEqual("", second.Text("previousSecretUntil"));
    }

    [Theory]
    [InlineData("""{"url":"http://127.0.0.1:9/","events":[]}""", HttpStatusCode.BadRequest, "validation_failed")]
    [InlineData("""{"url":"http://127.0.0.1:9/","events":["asset.made"]}""", HttpStatusCode.BadRequest, "validation_failed")]
    [InlineData("""{"url":"http://127.0.0.1:9/","events":[null]}""", HttpStatusCode.BadRequest, "validation_failed")]
    [InlineData("""{"events":["*"]}""", HttpStatusCode.BadRequest, "validation_failed")]
    [InlineData("""{"url":"file:///etc/passwd","events":["*"]}""", HttpStatusCode.UnprocessableEntity, "webhook_url_refused")]
    public async Task Faulty_webhook_is_refused(string body, HttpStatusCode status, string code)
    {
        using var response = await graph.Api.PostAsync(Path, body);

        await response.ProblemAsync(status, code);
    }

    [Fact]
    public async Task Only_operators_may_and_production_wants_https_public_addresses_and_a_key()
    {
        await using var db = Registry.Context(graph.Database);
        var store = new ApiKeyStore(db, TimeProvider.System);
        var issuerKey = (await store.CreateAsync("test", Guid.NewGuid().ToString(), [Roles.Issuer], null, default)).Value!;
        var operatorKey = (await store.CreateAsync("test", Guid.NewGuid().ToString(), [Roles.Operator], null, default)).Value!;
        using var issuer = graph.Client(issuerKey);
        using var forbidden = await issuer.GetAsync(new Uri(Path, UriKind.Relative));
        await forbidden.ProblemAsync(HttpStatusCode.Forbidden, "forbidden");

        await using var api = await ApiProcess.Start(graph, ("Evidence__Folder", "")).ReadyAsync();
        using var client = api.Client(operatorKey);
        foreach (var url in new[] { "http://203.0.114.7/", "https://127.0.0.1/", "https://2130706433/", "https://[::ffff:10.0.0.1]/", "https://localhost/" })
        {
            using var refused = await client.PostAsync(Path, new { url, events = new[] { "*" } });
            await refused.ProblemAsync(HttpStatusCode.UnprocessableEntity, "webhook_url_refused");
        }
        using var unsealed = await client.PostAsync(Path, new { url = "https://203.0.114.7/", events = new[] { "*" } });
        await unsealed.ProblemAsync(HttpStatusCode.ServiceUnavailable, "webhooks_not_configured");
    }

    [Fact]
    public async Task Dead_letters_are_listed_and_unknown_ones_are_not_found()
    {
        var page = await graph.Api.GetJsonAsync($"{Path}/dead-letters?limit=5");
        using var unknown = await graph.Api.PostAsync($"{Path}/dead-letters/{Guid.NewGuid()}/redeliver", "");
        using var badCursor = await graph.Api.GetAsync(new Uri($"{Path}/dead-letters?cursor=x", UriKind.Relative));

        Assert.True(page.TryGetProperty("items", out _));
        await unknown.ProblemAsync(HttpStatusCode.NotFound, "dead_letter_not_found");
        await badCursor.ProblemAsync(HttpStatusCode.BadRequest, "validation_failed");
    }
}
