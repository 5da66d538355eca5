using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace CardanoRwa.ServiceDefaults.Metrics;

/// <summary>
/// Requests by <c>status</c>, <c>method</c> and <c>route</c>. These carry the names and
/// labels that the dashboards and alerts use; the framework's own <c>http.server.request.duration</c> comes beside them where telemetry is sent by OTLP.
/// </summary>
internal sealed class HttpMetrics
{
    public const string MeterName = "CardanoRwa.Http";

    // One series for whatever no route matched: a path made up by the caller must never become a label.
    private const string Unmatched = "unmatched";
    private const string OtherMethod = "_OTHER";

    private static readonly string[] StatusNames = [.. Enumerable.Range(0, 600).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    private readonly Counter<long> requests;
    private readonly Histogram<double> duration;

    public HttpMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        requests = meter.CreateCounter<long>("http_requests_total", description: "Requests answered.");
        duration = meter.CreateHistogram(
            "http_request_duration_seconds", "s", "Time from the first middleware to the end of the answer.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10],
            });
    }

    public bool Enabled => requests.Enabled || duration.Enabled;

    public void Record(HttpContext context, int status, long started)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<IDisableHttpMetricsMetadata>() is not null)
        {
            return;
        }

        // Exception handlers and status pages run the pipeline again and take the endpoint away.
        endpoint ??= context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.Features.Get<IStatusCodeReExecuteFeature>()?.Endpoint;

        // In alphabetical order, which spares the SDK a sort.
        var tags = new TagList
        {
            { "method", KnownMethod(context.Request.Method) },
            { "route", endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route ?? Unmatched },
            { "status", (uint)status < (uint)StatusNames.Length ? StatusNames[status] : StatusNames[0] },
        };
        requests.Add(1, tags);
        duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
    }

    private static string KnownMethod(string method) => HttpMethods.GetCanonicalizedValue(method) switch
    {
        "GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD" or "OPTIONS" or "TRACE" or "CONNECT" => method,
        _ => OtherMethod,
    };
}
