using System.Net;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Assets;

[Collection(GraphCollection.Name)]
public sealed class AssetEndpointsTests(GraphFixture graph)
{
    [Fact]
    public async Task Create_with_name_and_value_alone_answers_201_with_location_and_etag()
    {
        using var response = await graph.Api.PostAsync(AssetsPath, """{"name":"Performance Test Asset","value":1000000}""");

        var asset = await response.JsonAsync(HttpStatusCode.Created);
        Assert.Equal($"{AssetsPath}/{asset.Text("id")}", response.Headers.Location?.ToString());
        Assert.Equal("\"1\"", response.Headers.ETag?.Tag);
        Assert.Equal(("USD", "other", "active", 1_000_000m), (asset.Text("currency"), asset.Text("kind"), asset.Text("status"), asset.GetProperty("value").GetDecimal()));
    }

    [Theory]
    [InlineData("12345678901234567890.12345678")]
    [InlineData("0")]
    [InlineData("0.1")]
    public async Task Money_survives_to_the_last_digit(string value)
    {
        var created = await graph.Api.CreateAssetAsync($$"""{"name":"exact","value":{{value}}}""");
        var read = await graph.Api.GetJsonAsync($"{AssetsPath}/{created.Text("id")}");

        Assert.Equal(value, read.GetProperty("value").GetRawText());
    }

    [Fact]
    public async Task Money_may_come_as_text()
    {
        var created = await graph.Api.CreateAssetAsync("""{"name":"exact","value":"19999999999999999.99"}""");

        Assert.Equal("19999999999999999.99", created.GetProperty("value").GetRawText());
    }

    [Fact]
    public async Task Create_with_every_field_wrong_names_every_fault()
    {
        using var response = await graph.Api.PostAsync(AssetsPath, """{"name":" ","value":-1,"currency":"usd","kind":"A B","jurisdiction":"Washington","externalId":"","attributes":[1]}""");

        var errors = (await response.ProblemAsync(HttpStatusCode.BadRequest, "validation_failed")).GetProperty("errors");
        Assert.Equal(["attributes", "currency", "externalId", "jurisdiction", "kind", "name", "value"], errors.EnumerateObject().Select(e => e.Name).Order());
    }

    [Theory]
    [InlineData("""{"name":"a","valu":1}""")]
    [InlineData("""{"name":"a","name":"b","value":1}""")]
    [InlineData("""{"name":"a","value":1e400}""")]
    [InlineData("""{"name":"a","value":""")]
    public async Task Create_with_json_that_is_not_the_schema_is_refused(string body)
    {
        using var response = await graph.Api.PostAsync(AssetsPath, body);

        await response.ProblemAsync(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Fact]
    public async Task ExternalId_already_taken_answers_409()
    {
        var externalId = Guid.NewGuid().ToString();
        await graph.Api.CreateAssetAsync(new { name = "a", value = 1, externalId });

        using var second = await graph.Api.PostAsync(AssetsPath, new { name = "b", value = 1, externalId });

        await second.ProblemAsync(HttpStatusCode.Conflict, "external_id_taken");
    }

    [Fact]
    public async Task Patch_merges_attributes_and_clears_with_null()
    {
        var asset = await graph.Api.CreateAssetAsync("""{"name":"a","value":1,"jurisdiction":"US-WA","attributes":{"keep":1,"drop":2,"deep":{"x":1,"y":2}}}""");

        using var response = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{asset.Text("id")}", """{"name":"b","jurisdiction":null,"attributes":{"drop":null,"deep":{"y":3}}}""", ifMatch: "\"1\"");

        var patched = await response.JsonAsync();
        Assert.Equal("""{"keep":1,"deep":{"x":1,"y":3}}""", patched.GetProperty("attributes").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(("b", System.Text.Json.JsonValueKind.Null, 2), (patched.Text("name"), patched.GetProperty("jurisdiction").ValueKind, patched.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task Patch_needs_the_current_etag()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");

        using var without = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = "b" });
        using var first = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = "b" }, ifMatch: "\"1\"");
        using var stale = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = "c" }, ifMatch: "\"1\"");

        await without.ProblemAsync(HttpStatusCode.PreconditionRequired, "if_match_required");
        await first.JsonAsync();
        await stale.ProblemAsync(HttpStatusCode.PreconditionFailed, "version_conflict");
    }

    [Fact]
    public async Task Concurrent_patches_of_one_version_let_one_through()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = $"n{i}" }, ifMatch: "\"1\"")));

        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(9, answers.Count(a => a.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Patch_that_changes_nothing_keeps_the_version()
    {
        var asset = await graph.Api.CreateAssetAsync();

        using var response = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{asset.Text("id")}", new { name = asset.Text("name") }, ifMatch: "*");

        Assert.Equal(1, (await response.JsonAsync()).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Retired_asset_can_be_read_but_not_changed()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        using var retire = await graph.Api.PostAsync($"{AssetsPath}/{id}/retire", new { reason = "sold" });
        using var again = await graph.Api.PostAsync($"{AssetsPath}/{id}/retire", new { reason = "sold twice" });

        Assert.Equal("retired", (await retire.JsonAsync()).Text("status"));
        Assert.Equal("sold", (await again.JsonAsync()).Text("retiredReason"));
        using var patch = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = "b" }, ifMatch: "*");
        using var valuation = await graph.Api.PostAsync($"{AssetsPath}/{id}/valuations", new { value = 2 });
        using var compliance = await graph.Api.PostAsync($"{AssetsPath}/{id}/compliance-records", new { check = "title" });
        await patch.ProblemAsync(HttpStatusCode.Conflict, "asset_retired");
        await valuation.ProblemAsync(HttpStatusCode.Conflict, "asset_retired");
        await compliance.ProblemAsync(HttpStatusCode.Conflict, "asset_retired");
        Assert.Equal("retired", (await graph.Api.GetJsonAsync($"{AssetsPath}/{id}")).Text("status"));
    }

    [Fact]
    public async Task Read_with_the_current_etag_answers_304_until_the_asset_changes()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        Assert.Equal(HttpStatusCode.NotModified, await ReadIfNoneMatch("\"1\""));

        using var patch = await graph.Api.SendJsonAsync(HttpMethod.Patch, $"{AssetsPath}/{id}", new { name = "b" }, ifMatch: "*");
        await patch.JsonAsync();

        Assert.Equal(HttpStatusCode.OK, await ReadIfNoneMatch("\"1\""));

        async Task<HttpStatusCode> ReadIfNoneMatch(string tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{AssetsPath}/{id}");
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            using var response = await graph.Api.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Newest_day_decides_the_value_whatever_the_order_of_arrival()
    {
        var id = (await graph.Api.CreateAssetAsync("""{"name":"a","value":10}""")).Text("id");
        using var newer = await graph.Api.PostAsync($"{AssetsPath}/{id}/valuations", new { value = 30.5m });
        using var older = await graph.Api.PostAsync($"{AssetsPath}/{id}/valuations", new { value = 20, asOf = "2020-02-29" });
        await newer.JsonAsync(HttpStatusCode.Created);
        await older.JsonAsync(HttpStatusCode.Created);

        Assert.Equal("30.5", (await graph.Api.GetJsonAsync($"{AssetsPath}/{id}")).GetProperty("value").GetRawText());
        var history = (await graph.Api.GetJsonAsync($"{AssetsPath}/{id}/valuations")).GetProperty("items").EnumerateArray().Select(v => v.GetProperty("value").GetRawText());
        Assert.Equal(["30.5", "10", "20"], history);
    }

    [Fact]
    public async Task Valuations_page_without_loss_or_repeat()
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        for (var day = 1; day <= 7; day++)
        {
            using var response = await graph.Api.PostAsync($"{AssetsPath}/{id}/valuations", new { value = day, asOf = $"2021-01-{(day + 1) / 2:00}" });
            await response.JsonAsync(HttpStatusCode.Created);
        }
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await graph.Api.GetJsonAsync($"{AssetsPath}/{id}/valuations?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(v => v.Text("id")));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        Assert.Equal(8, seen.Count);
        Assert.Equal(8, seen.Distinct().Count());
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/valuations")]
    [InlineData("GET", "/compliance-records")]
    public async Task Unknown_asset_answers_404(string method, string below)
    {
        using var response = await graph.Api.SendJsonAsync(new HttpMethod(method), $"{AssetsPath}/{Guid.NewGuid()}{below}", null);

        await response.ProblemAsync(HttpStatusCode.NotFound, "asset_not_found");
    }
}
