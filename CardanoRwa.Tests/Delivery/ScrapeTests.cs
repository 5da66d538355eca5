using System.Net;
using Aspire.Hosting.Testing;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Delivery;

/// <summary>Rules and dashboard over what a running graph really emits, by a Prometheus that scrapes it.</summary>
[Collection(GraphCollection.Name)]
public sealed class ScrapeTests(GraphFixture graph)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Metrics_of_rules_and_dashboard_are_emitted_and_every_query_is_answered()
    {
        using var worker = graph.App.CreateHttpClient("worker");
        await using var archiving = new ArchivingWorker(graph);
        await using var prometheus = LocalPrometheus.Start(("api", graph.Api.BaseAddress!), ("worker", worker.BaseAddress!), ("worker", archiving.Address));
        await MintAsync();
        Assert.True(await prometheus.HasDataAsync("mint_confirmation_duration_seconds_count", Patience), "No mint was counted.");
        Assert.True(await prometheus.HasDataAsync("rwa_wal_lag_seconds", Patience), "No WAL is received.");
        Assert.True(await prometheus.HasDataAsync("rwa_backup_newest_age_seconds", Patience), "No backup was made.");
        // A series that begins at 1 has not risen yet: only the second one has a rate.
        await MintAsync();
        Assert.True(await prometheus.HasDataAsync("mint:submission_seconds:p95_5m > 0", Patience), "No mint was submitted.");
        Assert.True(await prometheus.HasDataAsync("mint:confirmation_seconds:p95_1h > 0", Patience), "No mint was confirmed.");
        Assert.True(await prometheus.HasDataAsync("api:error_budget:remaining_ratio30d", Patience), "No request was counted.");

        var there = await prometheus.NamesAsync();
        var elsewhere = Watched.Elsewhere;
        var named = Watched.RuleQueries.Concat(Watched.Panels().Select(p => p.Query)).SelectMany(Watched.MetricsOf).ToHashSet();
        Assert.InRange(named.Count, 40, 500);
        Assert.Empty(named.Except(there).Except(Watched.Recorded).Except(elsewhere.Keys));
        Assert.Empty(elsewhere.Keys.Except(named));

        var empty = new List<string>();
        foreach (var (panel, query) in Watched.Panels().Where(p => !Watched.MetricsOf(p.Query).Any(elsewhere.ContainsKey)))
        {
            // Rates need a second scrape of a series that has just begun.
            if (!await prometheus.HasDataAsync(query, TimeSpan.FromSeconds(5)))
            {
                empty.Add($"{panel}: {query}");
            }
        }
        Assert.Empty(empty);
    }

    private async Task MintAsync()
    {
        var asset = (await graph.Api.CreateAssetAsync(new { name = "Watched", value = 1, jurisdiction = "US-WA" })).Text("id");
        // The second one is answered by the cache.
        await graph.Api.GetJsonAsync($"{HttpExtensions.AssetsPath}/{asset}");
        await graph.Api.GetJsonAsync($"{HttpExtensions.AssetsPath}/{asset}");
        using var opened = await graph.Api.PostAsync($"/api/v1/assets/{asset}/compliance-records", new { check = "title", jurisdiction = "US-WA" });
        var record = (await opened.JsonAsync(HttpStatusCode.Created)).Text("id");
        using var decided = await graph.Api.PostAsync($"/api/v1/assets/{asset}/compliance-records/{record}/decision", new { decision = "approved", reason = "Clean." });
        await decided.JsonAsync();
        using var document = new StringContent($"Deed of {asset}");
        using var uploaded = await graph.Api.PostAsync(new Uri($"/api/v1/assets/{asset}/evidence?name=Deed&kind=title-deed", UriKind.Relative), document);
        await uploaded.JsonAsync(HttpStatusCode.Created);
        await PutTokenAsync(asset);
        using var minted = await graph.Api.PostAsync($"/api/v1/assets/{asset}/mints", new { quantity = 5 }, key: $"watched-{asset}");
        var operation = (await minted.JsonAsync(HttpStatusCode.Accepted)).Text("id");
        for (var waited = 0; (await graph.Api.GetJsonAsync($"/api/v1/operations/{operation}")).Text("state") != "confirmed"; waited++)
        {
            Assert.True(waited < 240, "The mint was not confirmed within two minutes.");
            await Task.Delay(500);
        }
    }

    // On a fresh graph the worker needs a moment to tell its keys.
    private async Task PutTokenAsync(string asset)
    {
        for (var tries = 0; ; tries++)
        {
            using var put = await graph.Api.SendJsonAsync(HttpMethod.Put, $"/api/v1/assets/{asset}/token", new { standard = "plain", assetName = $"W{asset[24..]}", maxSupply = 10 });
            if (put.StatusCode != HttpStatusCode.Conflict || tries == 60)
            {
                await put.JsonAsync((int)put.StatusCode == 200 ? HttpStatusCode.OK : HttpStatusCode.Created);
                return;
            }
            await Task.Delay(1000);
        }
    }
}
