using System.Text.Json;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Tests.Imports;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Assets;

[Collection(GraphCollection.Name)]
public sealed class PagingTests(GraphFixture graph)
{
    [Fact]
    public async Task Filtered_list_pages_through_all_without_loss_or_repeat_while_writes_go_on()
    {
        await SampleFile.ImportAsync(graph.Api, SampleFile.Url("paging-", "paging"));
        var expected = await graph.ScalarAsync<Guid[]>("SELECT array_agg(id) FROM assets WHERE kind = 'paging' AND value >= 400000 AND attributes @> '{\"zipcode\": 98103}'");
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(stop.Token);

        foreach (var sort in new[] { "-createdAt", "createdAt", "value", "-value", "name", "-name" })
        {
            var seen = new List<Guid>();
            await foreach (var item in ItemsAsync($"{AssetsPath}?kind=paging&minValue=400000&attr.zipcode=98103&limit=25&sort={sort}"))
            {
                seen.Add(item.GetProperty("id").GetGuid());
            }
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Empty(expected.Except(seen));
        }

        await stop.CancelAsync();
        Assert.True(await writing > 20, "The writes beside the reader hardly happened.");
    }

    [Theory]
    [InlineData("value", "value")]
    [InlineData("-value", "value")]
    [InlineData("name", "name")]
    [InlineData("-createdAt", "createdAt")]
    public async Task Sorted_pages_are_sorted_throughout(string sort, string member)
    {
        var kind = $"k{Guid.NewGuid():N}"[..20];
        for (var i = 0; i < 12; i++)
        {
            await graph.Api.CreateAssetAsync(new { name = $"n{i % 5}", value = i % 4, kind });
        }
        var keys = new List<string>();
        await foreach (var item in ItemsAsync($"{AssetsPath}?kind={kind}&limit=5&sort={sort}"))
        {
            keys.Add(item.Text(member));
        }

        Assert.Equal(12, keys.Count);
        var ordered = sort[0] == '-' ? keys.OrderDescending(StringComparer.Ordinal) : keys.Order(StringComparer.Ordinal);
        Assert.Equal(ordered, keys);
    }

    [Fact]
    public async Task Link_header_leads_to_the_next_page()
    {
        var kind = $"k{Guid.NewGuid():N}"[..20];
        for (var i = 0; i < 3; i++)
        {
            await graph.Api.CreateAssetAsync(new { name = "n", value = 1, kind });
        }
        using var first = await graph.Api.GetAsync(new Uri($"{AssetsPath}?kind={kind}&limit=2", UriKind.Relative));
        var link = Assert.Single(first.Headers.GetValues("Link"));
        Assert.EndsWith("; rel=\"next\"", link, StringComparison.Ordinal);

        using var last = await graph.Api.GetAsync(new Uri(link[1..link.IndexOf('>', StringComparison.Ordinal)], UriKind.Relative));

        var page = await last.JsonAsync();
        Assert.Equal((1, JsonValueKind.Null), (page.GetProperty("items").GetArrayLength(), page.GetProperty("next").ValueKind));
        Assert.False(last.Headers.Contains("Link"));
    }

    [Fact]
    public async Task Words_find_names_descriptions_and_identifiers()
    {
        var word = $"w{Guid.NewGuid():N}";
        await graph.Api.CreateAssetAsync(new { name = $"House {word}", value = 1 });
        await graph.Api.CreateAssetAsync(new { name = "Flat", value = 1, description = $"near the {word}" });
        await graph.Api.CreateAssetAsync(new { name = "Shed", value = 1, externalId = word });

        Assert.Equal(3, (await graph.Api.GetJsonAsync($"{AssetsPath}?q={word}")).GetProperty("items").GetArrayLength());
        Assert.Equal(1, (await graph.Api.GetJsonAsync($"{AssetsPath}?q=house%20{word}")).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("kind=other&sort=value")]
    [InlineData("kind=art")]
    [InlineData("minValue=3")]
    public async Task Cursor_of_another_list_is_refused(string other)
    {
        await graph.Api.CreateAssetAsync();
        await graph.Api.CreateAssetAsync();
        var cursor = (await graph.Api.GetJsonAsync($"{AssetsPath}?limit=1")).Text("next");

        using var response = await graph.Api.GetAsync(new Uri($"{AssetsPath}?{other}&cursor={cursor}", UriKind.Relative));

        await response.ProblemAsync(System.Net.HttpStatusCode.BadRequest, "validation_failed");
    }

    private async IAsyncEnumerable<JsonElement> ItemsAsync(string path)
    {
        string? cursor = null;
        do
        {
            var page = await graph.Api.GetJsonAsync(cursor is null ? path : $"{path}&cursor={cursor}");
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                yield return item;
            }
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
    }

    /// <summary>Registers matching assets and changes others until told to stop.</summary>
    private async Task<int> WriteAsync(CancellationToken cancellationToken)
    {
        var writes = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await graph.Api.CreateAssetAsync(new { name = $"beside {writes}", value = 400_000 + writes, kind = "paging", attributes = new { zipcode = 98103 } });
            writes++;
        }
        return writes;
    }
}
