using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;

namespace CardanoRwa.Tests.ServiceDefaults;

public class MetricSeriesTests
{
    [Fact]
    public async Task Metric_has_room_for_hundreds_of_series_and_says_where_that_was_not_enough()
    {
        using var meter = new Meter("CardanoRwa.MetricSeriesTests");
        var (modest, made) = (meter.CreateCounter<long>("modest_total"), meter.CreateCounter<long>("made_up_total"));
        await using var host = await ServiceHost.StartAsync();
        for (var i = 0; i < 1_000; i++)
        {
            modest.Add(1, new KeyValuePair<string, object?>("n", i % 200));
            made.Add(1, new KeyValuePair<string, object?>("n", i));
        }

        var scrape = await host.ScrapeAsync();

        Assert.Equal(200, scrape.Split('\n').Count(l => l.StartsWith("modest_total{", StringComparison.Ordinal)));
        Assert.InRange(scrape.Split('\n').Count(l => l.StartsWith("made_up_total{", StringComparison.Ordinal)), 240, 260);
        Assert.Contains("made_up_total{otel_metric_overflow=\"true\"}", scrape);
        Assert.DoesNotContain("modest_total{otel_metric_overflow", scrape);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("http://127.0.0.1:9", true)]
    public async Task Requests_are_counted_once_more_under_the_frameworks_names_only_where_they_are_sent(string? collector, bool isThere)
    {
        await using var host = await ServiceHost.StartAsync(map: app => app.MapGet("/counted", () => "x"), settings: ("OTEL_EXPORTER_OTLP_ENDPOINT", collector));
        await host.Client.GetStringAsync("/counted");

        var scrape = await host.ScrapeAsync();

        Assert.Contains("http_requests_total{method=\"GET\",route=\"/counted\",status=\"200\"} 1", scrape);
        Assert.Equal(isThere, scrape.Contains("http_server_request_duration_seconds_count", StringComparison.Ordinal));
    }
}
