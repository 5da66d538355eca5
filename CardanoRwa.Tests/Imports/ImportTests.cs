using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Imports;

[Collection(GraphCollection.Name)]
public sealed class ImportTests(GraphFixture graph)
{
    [Fact]
    public async Task Sample_file_imports_whole_and_a_second_import_changes_nothing()
    {
        var url = SampleFile.Url("whole-", "whole");
        var since = Stopwatch.GetTimestamp();
        var first = (await SampleFile.ImportAsync(graph.Api, url)).GetProperty("import");
        var took = Stopwatch.GetElapsedTime(since);
        var before = await FingerprintAsync();

        var second = (await SampleFile.ImportAsync(graph.Api, url)).GetProperty("import");

        Assert.Equal((SampleFile.Rows, SampleFile.Parcels, 0), (Count(first, "rows"), Count(first, "created"), Count(first, "failed")));
        Assert.Equal(SampleFile.Rows - SampleFile.Parcels, Count(first, "valued"));
        Assert.Equal((SampleFile.Rows, SampleFile.Rows), (Count(second, "rows"), Count(second, "unchanged")));
        Assert.Equal(before, await FingerprintAsync());
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(60));

        Task<string> FingerprintAsync() => graph.ScalarAsync<string>(
            "SELECT count(*) || '/' || md5(string_agg(a.id::text || a.version || a.value, ',' ORDER BY a.id)) || (SELECT count(*) FROM valuations v JOIN assets b ON b.id = v.asset_id WHERE b.kind = 'whole') FROM assets a WHERE kind = 'whole'");
    }

    [Fact]
    public async Task Parcel_sold_twice_has_two_valuations_and_the_later_price()
    {
        var prefix = $"{Guid.NewGuid():N}-";
        var csv = "id,date,price,zipcode\n7,5/2/2015,300,98001\n7,6/1/2014,200,98001\n8,1/1/2015,50,98002\n";

        var report = await ImportAsync(SampleFile.Url(prefix), csv);

        Assert.Equal((2, 1), (Count(report, "created"), Count(report, "valued")));
        var asset = (await graph.Api.GetJsonAsync($"{AssetsPath}?externalId={prefix}7")).GetProperty("items")[0];
        Assert.Equal(("300", "2015-05-02", "US-WA", $"Parcel 7, 98001"), (asset.GetProperty("value").GetRawText(), asset.Text("valueAsOf"), asset.Text("jurisdiction"), asset.Text("name")));
        Assert.Equal("98001", asset.GetProperty("attributes").Text("zipcode"));
        Assert.Equal(2, (await graph.Api.GetJsonAsync($"{AssetsPath}/{asset.Text("id")}/valuations")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Faulty_rows_are_reported_and_the_others_taken_in()
    {
        var prefix = $"{Guid.NewGuid():N}-";
        var csv = "id,date,price,zipcode\n1,5/2/2015,10,98001\n2,5/2/2015,ten,98001\n3,2015-05-02,10,98001\n4,5/2/2015,10\n,5/2/2015,10,98001\n6,5/2/2099,10,98001\n7,5/2/2015,-1,98001\n8,5/2/2015,80,98001\n";

        using var response = await SampleFile.SendAsync(graph.Api, SampleFile.Url().Replace("externalId=%7Bid%7D", "externalId=%7Bid%7D", StringComparison.Ordinal), Stream(csv.Replace("\n1,", $"\n{prefix}1,", StringComparison.Ordinal).Replace("\n8,", $"\n{prefix}8,", StringComparison.Ordinal)), "text/csv");
        var report = await response.JsonAsync();

        Assert.Equal((8, 2, 6), (Count(report.GetProperty("import"), "rows"), Count(report.GetProperty("import"), "created"), Count(report.GetProperty("import"), "failed")));
        Assert.Equal(
            ["2:value_malformed", "3:as_of_malformed", "4:row_malformed", "5:external_id_missing", "6:as_of_in_future", "7:value_malformed"],
            report.GetProperty("failures").EnumerateArray().Select(f => $"{f.Text("row")}:{f.Text("code")}"));
        var stored = await graph.Api.GetJsonAsync($"{AssetsPath}/imports/{report.GetProperty("import").Text("id")}/failures");
        Assert.Equal(6, stored.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Ndjson_imports_with_columns_of_the_fields_names()
    {
        var id = Guid.NewGuid().ToString();
        var lines = $$"""{"externalId":"{{id}}","name":"Barrel","value":12.50,"kind":"whisky","jurisdiction":"GB-SCT","age":12,"tags":["a","b"]}""" + "\n\nnot json\n{\"externalId\":\"\\ud800\"}\n";

        using var response = await SampleFile.SendAsync(graph.Api, $"{AssetsPath}/import", Stream(lines), "application/x-ndjson");
        var report = await response.JsonAsync();

        Assert.Equal((1, 2), (Count(report.GetProperty("import"), "created"), Count(report.GetProperty("import"), "failed")));
        var asset = (await graph.Api.GetJsonAsync($"{AssetsPath}?externalId={id}")).GetProperty("items")[0];
        Assert.Equal("""{"age":12,"tags":["a","b"]}""", asset.GetProperty("attributes").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("12.50", asset.GetProperty("value").GetRawText());
    }

    [Fact]
    public async Task Answer_streams_a_line_a_row_to_a_client_that_asks_for_it()
    {
        var prefix = $"{Guid.NewGuid():N}-";
        using var request = new HttpRequestMessage(HttpMethod.Post, SampleFile.Url(prefix)) { Content = new StreamContent(Stream("id,date,price,zipcode\n1,5/2/2015,10,98001\n2,5/2/2015,x,98001\n")) };
        request.Content.Headers.ContentType = new("text/csv");
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using var response = await graph.Api.SendAsync(request);

        var lines = (await response.Content.ReadAsStringAsync()).Split('\n').Select(l => JsonElement.Parse(l)).ToList();

        Assert.Equal(["created", "failed"], lines[..2].Select(l => l.Text("outcome")));
        Assert.Equal("completed", lines[2].GetProperty("import").Text("status"));
    }

    [Fact]
    public async Task Key_repeats_the_answer_for_the_same_file_and_refuses_another()
    {
        var prefix = $"{Guid.NewGuid():N}-";
        var csv = "id,date,price,zipcode\n1,5/2/2015,10,98001\n";
        using var first = await SampleFile.SendAsync(graph.Api, SampleFile.Url(prefix), Stream(csv), "text/csv", prefix);
        using var again = await SampleFile.SendAsync(graph.Api, SampleFile.Url(prefix), Stream(csv), "text/csv", prefix);
        using var other = await SampleFile.SendAsync(graph.Api, SampleFile.Url(prefix), Stream(csv + "2,5/2/2015,10,98001\n"), "text/csv", prefix);

        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        await other.ProblemAsync(HttpStatusCode.UnprocessableEntity, "idempotency_key_reused");
    }

    [Fact]
    public async Task Concurrent_imports_of_one_file_take_each_row_in_once()
    {
        var prefix = $"{Guid.NewGuid():N}-";
        var csv = new StringBuilder("id,date,price,zipcode\n");
        for (var i = 0; i < 2_000; i++)
        {
            csv.Append(i).Append(",5/2/2015,").Append(100 + i).Append(",98001\n");
        }

        var reports = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ImportAsync(SampleFile.Url(prefix), csv.ToString())));

        Assert.Equal(2_000, reports.Sum(r => Count(r, "created")));
        Assert.Equal(4_000, reports.Sum(r => Count(r, "unchanged")));
        Assert.Equal(2_000, await graph.ScalarAsync<long>("SELECT count(*) FROM valuations v JOIN assets a ON a.id = v.asset_id WHERE a.external_id LIKE $1 || '%'", prefix));
    }

    [Fact]
    public async Task Client_that_goes_away_leaves_a_cancelled_import_and_whole_batches()
    {
        var prefix = $"{Guid.NewGuid():N}-";
        using var slow = new SlowCsv(prefix, rowsBeforeStall: 1_500);
        using var gone = new CancellationTokenSource();
        var sending = SampleFile.SendAsync(graph.Api, SampleFile.Url(prefix), slow, "text/csv", cancellationToken: gone.Token);
        await slow.Stalled;
        await WaitForAsync(async () => await CountAssetsAsync() >= 1_000);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        await WaitForAsync(async () => (await graph.Api.GetJsonAsync($"{AssetsPath}/imports")).GetProperty("items").EnumerateArray().First().Text("status") == "cancelled");
        Assert.Equal(0, await CountAssetsAsync() % 500);

        Task<long> CountAssetsAsync() => graph.ScalarAsync<long>("SELECT count(*) FROM assets WHERE external_id LIKE $1 || '%'", prefix);
    }

    [Fact]
    public async Task Running_import_can_be_cancelled_by_its_id()
    {
        var prefix = $"{Guid.NewGuid():N}-";
        var earlier = (await ImportsAsync()).Select(i => i.Text("id")).ToHashSet();
        using var slow = new SlowCsv(prefix, rowsBeforeStall: 600);
        var sending = SampleFile.SendAsync(graph.Api, SampleFile.Url(prefix), slow, "text/csv");
        await slow.Stalled;
        JsonElement run = default;
        await WaitForAsync(async () =>
        {
            run = (await ImportsAsync()).FirstOrDefault(i => !earlier.Contains(i.Text("id")));
            return run.ValueKind != JsonValueKind.Undefined && run.Text("status") == "running" && Count(run, "rows") == 500;
        });
        using var cancel = await graph.Api.PostAsync($"{AssetsPath}/imports/{run.Text("id")}/cancel", "");
        slow.Resume();

        using var response = await sending;

        Assert.Equal("cancelled", (await cancel.JsonAsync()).Text("status"));
        Assert.Equal("cancelled", (await response.JsonAsync()).GetProperty("import").Text("status"));
        Assert.Equal(500, await graph.ScalarAsync<long>("SELECT count(*) FROM assets WHERE external_id LIKE $1 || '%'", prefix));

        async Task<IEnumerable<JsonElement>> ImportsAsync() => (await graph.Api.GetJsonAsync($"{AssetsPath}/imports")).GetProperty("items").EnumerateArray();
    }

    [Theory]
    [InlineData("text/plain", "")]
    [InlineData("application/json", "{}")]
    public async Task Other_media_types_are_refused(string mediaType, string body)
    {
        using var response = await SampleFile.SendAsync(graph.Api, $"{AssetsPath}/import", Stream(body), mediaType);

        await response.ProblemAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Fact]
    public async Task File_that_is_not_text_is_refused_with_the_reason()
    {
        using var response = await SampleFile.SendAsync(graph.Api, $"{AssetsPath}/import", new MemoryStream([0x69, 0x64, 0x0a, 0xff, 0xfe, 0xff]), "text/csv");

        await response.ProblemAsync(HttpStatusCode.BadRequest, "file_malformed");
    }

    private async Task<JsonElement> ImportAsync(string url, string csv)
    {
        using var response = await SampleFile.SendAsync(graph.Api, url, Stream(csv), "text/csv");
        return (await response.JsonAsync()).GetProperty("import");
    }

    private static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(20), "The condition was not met in time.");
            await Task.Delay(50);
        }
    }

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    private static int Count(JsonElement import, string member) => import.GetProperty(member).GetInt32();
}
