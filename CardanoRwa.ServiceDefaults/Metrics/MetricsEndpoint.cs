using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace CardanoRwa.ServiceDefaults.Metrics;

/// <summary>
/// <c>/metrics</c> tells a lot about the inside, so no public request may reach it. With <c>Metrics:Port</c> (or <c>METRICS_PORT</c>) the process
/// listens on that port too, which the deployment keeps off its ingress, and answers there alone. Without it, only a client on this machine is answered.
/// </summary>
/// <remarks>Private addresses are not trusted: behind an ingress, every public request comes from one.</remarks>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    public static int? Port(IConfiguration configuration) =>
        configuration.GetValue<int?>("Metrics:Port") ?? configuration.GetValue<int?>("METRICS_PORT");

    public static void MapMetricsEndpoint(this WebApplication app)
    {
        // OpenTelemetry heeds it by itself; then there is nothing to scrape, and mapping the endpoint would end the process.
        if (string.Equals(app.Configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }
        var port = Port(app.Configuration);
        app.MapPrometheusScrapingEndpoint(
                Path,
                meterProvider: null,
                configureBranchedPipeline: branch => branch.Use((context, next) =>
                {
                    if (port is null ? IsLocal(context) : context.Connection.LocalPort == port)
                    {
                        return next(context);
                    }

                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                }),
                optionsName: null)
            .ShortCircuit()
            .DisableHttpMetrics();
    }

    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote) && !IsForwarded(context.Request.Headers);

    // A proxy on this machine connects from loopback on behalf of anyone. X-Original-* is what the forwarded-headers middleware leaves behind.
    private static bool IsForwarded(IHeaderDictionary headers)
    {
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase)
                || name.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase)
                || name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
                || name.Equals("Via", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
