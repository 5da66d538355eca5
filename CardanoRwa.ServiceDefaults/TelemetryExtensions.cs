using CardanoRwa.ServiceDefaults.Health;
using CardanoRwa.ServiceDefaults.Metrics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

public static class TelemetryExtensions
{
    private const string OwnSources = "CardanoRwa.*";

    private static readonly PathString[] Probes = [HealthPaths.Ready, HealthPaths.Alive, MetricsEndpoint.Path];

    /// <summary>Logs, metrics and traces; sent by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, metrics also to be scraped.</summary>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        var exported = !string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry();
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
        {
            telemetry.ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName));
        }

        telemetry.WithMetrics(metrics =>
        {
            metrics
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(OwnSources, "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Diagnostics")
                .AddDatabaseMetrics()
                .LimitSeries()
                .SetExemplarFilter(exported ? ExemplarFilterType.TraceBased : ExemplarFilterType.AlwaysOff)
                .AddPrometheusExporter(options => options.ScopeInfoEnabled = false);
            if (exported)
            {
                // The names that dashboards of others know. They count each request four times more, beside HttpMetrics.
                metrics.AddAspNetCoreInstrumentation();
            }
        });

        telemetry.WithTracing(tracing =>
        {
            tracing
                .AddAspNetCoreInstrumentation(options => options.Filter = IsNoProbe)
                .AddHttpClientInstrumentation()
                .AddSource(OwnSources);

            // Spans that nobody collects still cost a few microseconds for each request and command.
            if (!exported && string.IsNullOrEmpty(builder.Configuration["OTEL_TRACES_SAMPLER"]))
            {
                tracing.SetSampler<AlwaysOffSampler>();
            }
        });

        if (exported)
        {
            telemetry.UseOtlpExporter();
        }

        builder.Services.TryAddSingleton<HttpMetrics>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, HttpMetricsFilter>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, MetricsPortFilter>());

        return builder;
    }

    private static bool IsNoProbe(HttpContext context)
    {
        foreach (var probe in Probes)
        {
            if (context.Request.Path.StartsWithSegments(probe))
            {
                return false;
            }
        }

        return true;
    }
}
