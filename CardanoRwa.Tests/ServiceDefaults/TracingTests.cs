using System.Diagnostics;
using Microsoft.AspNetCore.Builder;

namespace CardanoRwa.Tests.ServiceDefaults;

[Collection(RecordedSpans.Collection)]
public class TracingTests
{
    private static readonly ActivitySource Feature = new("CardanoRwa.TracingTests");

    [Fact]
    public async Task Spans_of_a_request_and_of_our_own_sources_are_recorded_and_probes_are_not()
    {
        RecordedSpans? recorded = null;
        await using var host = await ServiceHost.StartAsync(builder => recorded = RecordedSpans.On(builder), MapWork, RecordedSpans.AlwaysSampled);
        await host.Client.GetStringAsync("/health");
        await host.Client.GetStringAsync("/alive");
        await host.ScrapeAsync();
        await host.Client.GetStringAsync("/job/1");

        // The server's span ends after the answer has been sent.
        SpinWait.SpinUntil(() => recorded!.All.Any(IsServer), TimeSpan.FromSeconds(5));
        var server = Assert.Single(recorded!.All, IsServer);
        Assert.Equal("GET /job/{id}", server.DisplayName);
        var work = Assert.Single(recorded.All, span => span.Source.Name == Feature.Name && span.TraceId == server.TraceId);
        Assert.Equal(server.SpanId, work.ParentSpanId);

        bool IsServer(Activity span) => span.Kind == ActivityKind.Server && Equals(span.GetTagItem("server.port"), host.Client.BaseAddress!.Port);
    }

    [Fact]
    public async Task Nothing_is_recorded_when_no_exporter_would_take_it()
    {
        var recording = true;
        await using var host = await ServiceHost.StartAsync(map: app => app.MapGet("/", () =>
        {
            using var work = Feature.StartActivity("work");
            recording = work?.Recorded ?? false;
        }));

        await host.Client.GetAsync("/");

        Assert.False(recording);
    }

    private static void MapWork(WebApplication app) => app.MapGet("/job/{id}", (int id) =>
    {
        using var work = Feature.StartActivity("work");
        return id;
    });
}
