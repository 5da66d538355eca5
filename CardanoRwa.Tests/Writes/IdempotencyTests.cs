using System.Net;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Writes;

[Collection(GraphCollection.Name)]
public sealed class IdempotencyTests(GraphFixture graph)
{
    [Fact]
    public async Task Same_request_under_one_key_is_carried_out_once_and_answered_alike()
    {
        var key = Guid.NewGuid().ToString();
        using var first = await graph.Api.PostAsync(AssetsPath, new { name = key, value = 1 }, key);
        using var second = await graph.Api.PostAsync(AssetsPath, new { name = key, value = 1 }, key);

        Assert.Equal((await first.JsonAsync(HttpStatusCode.Created)).GetRawText(), (await second.JsonAsync(HttpStatusCode.Created)).GetRawText());
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal(["true"], second.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal(1, await CountAsync(key));
    }

    [Fact]
    public async Task Concurrent_twins_have_one_effect_and_one_answer()
    {
        var key = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => graph.Api.PostAsync(AssetsPath, new { name = key, value = 1 }, key)));

        var ids = await Task.WhenAll(answers.Select(async a => (await a.JsonAsync(HttpStatusCode.Created)).Text("id")));
        Assert.Single(ids.Distinct());
        Assert.Equal(1, await CountAsync(key));
    }

    [Fact]
    public async Task Another_request_under_the_key_is_refused()
    {
        var key = Guid.NewGuid().ToString();
        using var first = await graph.Api.PostAsync(AssetsPath, new { name = key, value = 1 }, key);
        using var other = await graph.Api.PostAsync(AssetsPath, new { name = key, value = 2 }, key);
        using var elsewhere = await graph.Api.PostAsync($"{AssetsPath}?x=1", new { name = key, value = 1 }, key);

        await first.JsonAsync(HttpStatusCode.Created);
        await other.ProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
        await elsewhere.ProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task Refused_request_leaves_its_key_free()
    {
        var key = Guid.NewGuid().ToString();
        var unknown = $"{AssetsPath}/{Guid.NewGuid()}/retire";
        using var refused = await graph.Api.PostAsync(unknown, new { reason = "x" }, key);
        using var accepted = await graph.Api.PostAsync(AssetsPath, new { name = key, value = 1 }, key);

        await refused.ProblemAsync(HttpStatusCode.NotFound, "asset_not_found");
        await accepted.JsonAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Every_kind_of_write_honours_the_key()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        var record = await (await graph.Api.PostAsync($"{AssetsPath}/{id}/compliance-records", new { check = "title" }, "c-" + id)).JsonAsync(HttpStatusCode.Created);
        (HttpMethod Method, string Path, object Body)[] writes =
        [
            (HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = "patched" }),
            (HttpMethod.Post, $"{AssetsPath}/{id}/valuations", new { value = 7 }),
            (HttpMethod.Post, $"{AssetsPath}/{id}/compliance-records", new { check = "kyc" }),
            (HttpMethod.Post, $"{AssetsPath}/{id}/compliance-records/{record.Text("id")}/decision", new { decision = "approved", reason = "ok" }),
            (HttpMethod.Post, $"{AssetsPath}/{id}/retire", new { reason = "sold" }),
        ];

        foreach (var (method, path, body) in writes)
        {
            var key = Guid.NewGuid().ToString();
            using var first = await graph.Api.SendJsonAsync(method, path, body, key, ifMatch: method == HttpMethod.Patch ? "\"1\"" : null);
            using var second = await graph.Api.SendJsonAsync(method, path, body, key, ifMatch: method == HttpMethod.Patch ? "\"1\"" : null);
            Assert.True(first.IsSuccessStatusCode, $"{method} {path}: {first.StatusCode}");
            Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
            Assert.True(second.Headers.Contains("Idempotency-Replayed"), $"{method} {path} was carried out twice");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("has space")]
    [InlineData("ünïcode")]
    public async Task Malformed_key_is_refused(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, AssetsPath) { Content = new StringContent("""{"name":"a","value":1}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 };
        using var client = new HttpClient(handler) { BaseAddress = graph.Api.BaseAddress };
        client.DefaultRequestHeaders.Add("X-Api-Key", "rwa-dev-key");
        using var response = await client.SendAsync(request);

        await response.ProblemAsync(HttpStatusCode.BadRequest, "idempotency_key_invalid");
    }

    private Task<long> CountAsync(string name) => graph.ScalarAsync<long>("SELECT count(*) FROM assets WHERE name = $1", name);
}
