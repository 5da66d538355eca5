using System.Net;
using CardanoRwa.Tests.Graph;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Assets;

/// <summary>Answers out of memory, before the pipeline: to whoever may have them, in every respect as it would give them.</summary>
[Collection(GraphCollection.Name)]
public sealed class CachedReadTests(GraphFixture graph)
{
    [Fact]
    public async Task Answer_from_memory_is_that_of_the_pipeline_and_counted_as_such()
    {
        for (var i = 0; i < 3; i++)
        {
            await graph.Api.CreateAssetAsync();
        }
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        foreach (var (path, route) in new[] { ($"{AssetsPath}/{id}", "/api/v1/assets/{id:guid}"), ($"{AssetsPath}?limit=2", "/api/v1/assets/") })
        {
            using var first = await graph.Api.GetAsync(new Uri(path, UriKind.Relative));
            var before = await CountAsync(route);
            using var second = await graph.Api.GetAsync(new Uri(path, UriKind.Relative));

            Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
            Assert.Equal(Head(first), Head(second));
            Assert.False(second.Headers.Contains("Server-Timing"), "It came from the database.");
            Assert.True(await IsCountedAsync(route, before), "It was not counted.");
            using var held = new HttpRequestMessage(HttpMethod.Get, path);
            held.Headers.IfNoneMatch.Add(second.Headers.ETag!);
            using var unchanged = await graph.Api.SendAsync(held);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
            Assert.Equal(second.Headers.ETag, unchanged.Headers.ETag);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("rwa_unknown")]
    public async Task What_lies_in_memory_is_not_given_to_a_stranger(string? key)
    {
        var id = (await graph.Api.CreateAssetAsync()).Text("id");
        await graph.Api.GetJsonAsync($"{AssetsPath}/{id}");
        await graph.Api.GetJsonAsync($"{AssetsPath}/{id}");
        using var stranger = graph.Client(key);

        using var answer = await stranger.GetAsync(new Uri($"{AssetsPath}/{id}", UriKind.Relative));

        await answer.ProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    // Metrics are gathered at most every 300 ms; a look sooner than that gets the same again.
    private async Task<bool> IsCountedAsync(string route, double before)
    {
        for (var looks = 0; looks < 20; looks++)
        {
            if (await CountAsync(route) > before)
            {
                return true;
            }
            await Task.Delay(250);
        }
        return false;
    }

    private async Task<double> CountAsync(string route)
    {
        var metrics = await graph.Api.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return metrics.Split('\n').Where(l => l.StartsWith("http_requests_total{", StringComparison.Ordinal) && l.Contains($"route=\"{route}\"", StringComparison.Ordinal) && l.Contains("status=\"200\"", StringComparison.Ordinal))
            .Sum(l => double.Parse(l[(l.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static string Head(HttpResponseMessage response) => string.Join('\n', response.Headers.Concat(response.Content.Headers)
        .Where(h => h.Key is not ("Date" or "Server-Timing")).OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {string.Join(", ", h.Value)}"));
}
