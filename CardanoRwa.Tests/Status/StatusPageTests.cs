using System.Net;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Status;

[Collection(GraphCollection.Name)]
public sealed class StatusPageTests(GraphFixture graph)
{
    [Theory]
    [InlineData("/status", "text/html")]
    [InlineData("/status.json", "application/json")]
    public async Task Status_is_anyones_and_a_cdn_may_keep_it(string path, string type)
    {
        using var stranger = graph.Client(null);
        for (var tries = 0; ; tries++)
        {
            using var first = await stranger.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((HttpStatusCode.OK, type), (first.StatusCode, first.Content.Headers.ContentType?.MediaType));
            var caching = first.Headers.CacheControl!;
            Assert.True(caching is { Public: true, SharedMaxAge.TotalSeconds: 10 } && caching.Extensions.Any(e => e.Name == "stale-while-revalidate"), caching.ToString());
            Assert.Contains("default-src 'none'", first.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.False(first.Headers.Contains("Set-Cookie"));

            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using var second = await stranger.SendAsync(again);
            // Between the two a newer one may have been put together, now and then.
            if (second.StatusCode == HttpStatusCode.NotModified)
            {
                return;
            }
            Assert.True(tries < 5 && second.Headers.ETag?.Tag != first.Headers.ETag?.Tag, "An answer whose tag is the same must be 304.");
        }
    }

    [Fact]
    public async Task Static_file_is_kept_for_ever_and_a_name_of_other_content_is_not_there()
    {
        using var stranger = graph.Client(null);
        var page = await stranger.GetStringAsync(new Uri("/status", UriKind.Relative));
        var css = page[(page.IndexOf("/status/static/", StringComparison.Ordinal))..].Split('"')[0];
        using var file = await stranger.GetAsync(new Uri(css, UriKind.Relative));
        Assert.Equal("public, max-age=31536000, immutable", file.Headers.GetValues("Cache-Control").Single());
        Assert.Equal("text/css", file.Content.Headers.ContentType?.MediaType);
        using var other = await stranger.GetAsync(new Uri("/status/static/site.000000000000.css", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        Assert.True(other.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Private_answers_are_kept_by_nobody_and_a_proof_has_a_tag_of_what_it_says()
    {
        var asset = (await graph.Api.CreateAssetAsync()).Text("id");
        foreach (var path in new[] { "/api/v1/jobs", "/api/v1/recovery/status", $"/api/v1/assets/{asset}/valuations", "/api/v1/backups" })
        {
            using var answer = await graph.Api.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(answer.Headers.CacheControl is { NoStore: true }, $"{path}: {answer.Headers.CacheControl}");
        }
        using var stranger = graph.Client(null);
        using var closed = await stranger.GetAsync(new Uri($"/api/v1/assets/{asset}/proof", UriKind.Relative));
        Assert.True(closed.Headers.CacheControl?.NoStore);

        using var first = await graph.Api.GetAsync(new Uri($"/api/v1/assets/{asset}/proof", UriKind.Relative));
        Assert.Equal("no-cache, private", first.Headers.CacheControl?.ToString());
        using var same = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/assets/{asset}/proof");
        same.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var unchanged = await graph.Api.SendAsync(same);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        using var valued = await graph.Api.PostAsync($"/api/v1/assets/{asset}/valuations", new { value = 7 });
        using var changed = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/assets/{asset}/proof");
        changed.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var after = await graph.Api.SendAsync(changed);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (valued.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task Incident_is_declared_once_told_to_everyone_and_resolved_for_good()
    {
        var (key, title) = (Guid.NewGuid().ToString(), $"Trouble {Guid.NewGuid():N}");
        var body = new { title, impact = "major", message = "We look.", components = new[] { "api", "chain" } };
        using var declared = await graph.Api.PostAsync("/api/v1/incidents", body, key);
        using var repeated = await graph.Api.PostAsync("/api/v1/incidents", body, key);
        var id = (await declared.JsonAsync(HttpStatusCode.Created)).Text("id");
        Assert.Equal(id, (await repeated.JsonAsync(HttpStatusCode.Created)).Text("id"));
        using var stranger = graph.Client(null);
        await SeenAsync(stranger, page => page.Contains(title, StringComparison.Ordinal));

        using var refused = await stranger.PostAsync("/api/v1/incidents", body);
        using var empty = await graph.Api.PostAsync("/api/v1/incidents", new { title = "", impact = "huge", components = new[] { "moon" } });
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(4, (await empty.ProblemAsync(HttpStatusCode.BadRequest, "validation_failed")).GetProperty("errors").EnumerateObject().Count());

        using var told = await graph.Api.PostAsync($"/api/v1/incidents/{id}/updates", new { message = "A cable.", state = "identified" });
        Assert.Equal("identified", (await told.JsonAsync(HttpStatusCode.Created)).Text("state"));
        using var resolved = await graph.Api.PostAsync($"/api/v1/incidents/{id}/resolve", new { message = "A new cable." });
        var view = await resolved.JsonAsync();
        Assert.Equal(["A new cable.", "A cable.", "We look."], view.GetProperty("updates").EnumerateArray().Select(u => u.Text("message")));
        using var late = await graph.Api.PostAsync($"/api/v1/incidents/{id}/updates", new { message = "More." });
        await late.ProblemAsync(HttpStatusCode.Conflict, "incident_resolved");
        Assert.Equal("resolved", (await stranger.GetJsonAsync($"/api/v1/incidents/{id}")).Text("state"));
        Assert.Contains(id, (await stranger.GetJsonAsync("/api/v1/incidents?limit=200")).GetRawText(), StringComparison.Ordinal);
        // Created, told and resolved: incident and update each time.
        Assert.Equal(6, await graph.ScalarAsync<long>("SELECT count(*) FROM audit WHERE subject_id = $1 OR subject_id IN (SELECT id FROM incident_updates WHERE incident_id = $1)", Guid.Parse(id)));
    }

    [Fact]
    public async Task Requests_and_faults_are_counted_by_the_minute_and_shown()
    {
        var before = await graph.ScalarAsync<long>("SELECT coalesce(sum(requests), 0)::bigint FROM request_minutes");
        for (var i = 0; i < 5; i++)
        {
            using var answer = await graph.Api.GetAsync(new Uri("/api/v1/jobs", UriKind.Relative));
        }
        using var stranger = graph.Client(null);
        await SeenAsync(stranger, _ => graph.ScalarAsync<long>("SELECT coalesce(sum(requests), 0)::bigint FROM request_minutes").GetAwaiter().GetResult() >= before + 5);
        await SeenAsync(stranger, page => !page.Contains("since not known", StringComparison.Ordinal));
        // What is shown is a few seconds old.
        await SeenAsync(stranger, _ => stranger.GetJsonAsync("/status.json").GetAwaiter().GetResult().GetProperty("serviceLevel") is var level
            && level.GetProperty("requests").GetInt64() >= 5 && level.GetProperty("days").GetArrayLength() >= 1);
    }

    private static async Task SeenAsync(HttpClient client, Func<string, bool> seen)
    {
        for (var tries = 0; !seen(await client.GetStringAsync(new Uri("/status", UriKind.Relative))); tries++)
        {
            Assert.True(tries < 150, "The status page never told.");
            await Task.Delay(200);
        }
    }
}
