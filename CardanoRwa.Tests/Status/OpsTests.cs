using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using CardanoRwa.Core.Auth;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Status;

/// <summary>The operator page by hand-made requests: what a browser would not send, and what must not get in.</summary>
[Collection(GraphCollection.Name)]
public sealed partial class OpsTests(GraphFixture graph)
{
    [Fact]
    public async Task Operator_page_is_closed_to_everyone_without_a_session_also_with_an_api_key()
    {
        using var browser = Browser();
        browser.DefaultRequestHeaders.Add("X-Api-Key", "rwa-dev-key");
        using var page = await browser.GetAsync(new Uri("/ops", UriKind.Relative));
        using var post = await browser.PostAsync(new Uri("/ops/drills", UriKind.Relative), new FormUrlEncodedContent([]));
        Assert.Equal((HttpStatusCode.SeeOther, "/ops/sign-in"), (page.StatusCode, page.Headers.Location?.ToString()));
        Assert.Equal((HttpStatusCode.SeeOther, "/ops/sign-in"), (post.StatusCode, post.Headers.Location?.ToString()));
    }

    [Fact]
    public async Task Session_opens_with_an_operators_key_only_and_ends_when_that_is_revoked()
    {
        var key = await CreateKeyAsync(Roles.Operator);
        using var browser = Browser();
        Assert.Contains("no such key", await (await SignInAsync(browser, "rwa_" + new string('A', 43))).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("not an operator", await (await SignInAsync(browser, (await CreateKeyAsync(Roles.Viewer)).Key)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var opened = await SignInAsync(browser, key.Key);
        Assert.Equal("/ops", opened.Headers.Location?.ToString());
        using var page = await browser.GetAsync(new Uri("/ops", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.True(page.Headers.CacheControl?.NoStore);
        Assert.DoesNotContain("unsafe", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        await using (var db = Registry.Context(graph.Database))
        {
            Assert.Null((await new ApiKeyStore(db, TimeProvider.System).RevokeAsync("test", key.Name, default)).Refusal);
        }
        using var closed = await browser.GetAsync(new Uri("/ops", UriKind.Relative));
        Assert.Equal(HttpStatusCode.SeeOther, closed.StatusCode);
    }

    [Fact]
    public async Task Form_counts_once_and_only_from_the_page_it_was_made_by()
    {
        using var browser = Browser();
        using var opened = await SignInAsync(browser, "rwa-dev-key");
        var (token, title) = (Token(await browser.GetStringAsync(new Uri("/ops", UriKind.Relative))), $"Once {Guid.NewGuid():N}");
        var fields = new Dictionary<string, string> { ["form"] = token, ["key"] = Guid.NewGuid().ToString(), ["title"] = title, ["impact"] = "minor", ["message"] = "m" };
        using var first = await PostAsync(browser, "/ops/incidents", fields);
        using var second = await PostAsync(browser, "/ops/incidents", fields);
        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(1, await graph.ScalarAsync<long>("SELECT count(*) FROM incidents WHERE title = $1", title));

        using var forged = await PostAsync(browser, "/ops/incidents", new(fields) { ["form"] = "A" + token[1..] + "x", ["key"] = Guid.NewGuid().ToString() });
        using var foreign = await PostAsync(browser, "/ops/incidents", new(fields) { ["key"] = Guid.NewGuid().ToString() }, "cross-site");
        using var empty = await PostAsync(browser, "/ops/incidents", new(fields) { ["key"] = Guid.NewGuid().ToString(), ["title"] = "" });
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.BadRequest), (forged.StatusCode, foreign.StatusCode, empty.StatusCode));
        Assert.Contains("<strong>title</strong>", await empty.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await graph.ScalarAsync<long>("SELECT count(*) FROM incidents WHERE title = $1", title));

        var resolve = new Dictionary<string, string> { ["form"] = token, ["key"] = Guid.NewGuid().ToString(), ["state"] = "resolved", ["message"] = "Over." };
        using var over = await PostAsync(browser, $"{first.Headers.Location}/updates", resolve);
        Assert.Equal(HttpStatusCode.SeeOther, over.StatusCode);
        using var left = await PostAsync(browser, "/ops/sign-out", new() { ["form"] = token, ["key"] = Guid.NewGuid().ToString() });
        using var closed = await browser.GetAsync(new Uri("/ops", UriKind.Relative));
        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.SeeOther), (left.StatusCode, closed.StatusCode));
    }

    [Fact]
    public async Task Guessing_keys_is_slowed_down_for_the_address_that_does_it()
    {
        using var guesser = Browser(IPAddress.Parse("127.0.0.3"));
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            using var answer = await PostAsync(guesser, "/ops/sign-in", new() { ["apiKey"] = "guess" });
            answers.Add(answer.StatusCode);
        }
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        using var other = Browser(IPAddress.Parse("127.0.0.4"));
        using var let = await SignInAsync(other, "rwa-dev-key");
        Assert.Equal(HttpStatusCode.SeeOther, let.StatusCode);
    }

    private async Task<(string Name, string Key)> CreateKeyAsync(string role)
    {
        var name = $"ops-{Guid.NewGuid():N}";
        await using var db = Registry.Context(graph.Database);
        return (name, (await new ApiKeyStore(db, TimeProvider.System).CreateAsync("test", name, [role], null, default)).Value!);
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient browser, string key)
    {
        var page = await browser.GetStringAsync(new Uri("/ops/sign-in", UriKind.Relative));
        return await PostAsync(browser, "/ops/sign-in", new() { ["form"] = Token(page), ["key"] = Guid.NewGuid().ToString(), ["apiKey"] = key });
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, Dictionary<string, string> fields, string site = "same-origin")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("Sec-Fetch-Site", site);
        return browser.SendAsync(request);
    }

    private static string Token(string page) => FormToken().Match(page).Groups[1].Value;

    /// <summary>Keeps cookies and follows nothing; from an address of its own, because tries to sign in are counted by address.</summary>
    private HttpClient Browser(IPAddress? from = null) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(from ?? IPAddress.Parse("127.0.0.2"), 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = graph.Api.BaseAddress };

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
