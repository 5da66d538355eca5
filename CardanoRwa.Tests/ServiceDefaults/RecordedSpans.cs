using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CardanoRwa.Tests.ServiceDefaults;

/// <summary>
/// Sources are heard across the process, so the tests that sample share a collection: they run one after the other.
/// </summary>
internal sealed class RecordedSpans : BaseProcessor<Activity>
{
    public const string Collection = "spans";
    public static readonly (string, string?) AlwaysSampled = ("OTEL_TRACES_SAMPLER", "always_on");

    private readonly ConcurrentQueue<Activity> spans = [];

    public IReadOnlyCollection<Activity> All => spans;

    public static RecordedSpans On(IHostApplicationBuilder builder)
    {
        var recorded = new RecordedSpans();
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(recorded));
        return recorded;
    }

    public override void OnEnd(Activity data) => spans.Enqueue(data);
}
