using CardanoRwa.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

public static class HealthExtensions
{
    private const string LiveTag = "live";
    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>The check <c>self</c>, tagged <c>live</c>, and the rules that hold for all checks (<see cref="HealthCheckRules"/>).</summary>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HealthCheckServiceOptions>, HealthCheckRules>());
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);

        return builder;
    }

    internal static void MapHealthEndpoints(this WebApplication app)
    {
        app.MapProbe(HealthPaths.Ready, _ => true);
        app.MapProbe(HealthPaths.Alive, check => check.Tags.Contains(LiveTag));
    }

    private static void MapProbe(this WebApplication app, string path, Func<HealthCheckRegistration, bool> checks)
    {
        var probe = new HealthProbe(
            app.Services.GetRequiredService<HealthCheckService>(), checks, app.Services.GetRequiredService<TimeProvider>());

        // The caller gets the status word alone: names, errors and durations of dependencies stay inside.
        app.MapMethods(path, GetOrHead, async (HttpContext context) =>
            {
                var status = await probe.CheckAsync(context.RequestAborted);
                context.Response.StatusCode = status == HealthStatus.Unhealthy
                    ? StatusCodes.Status503ServiceUnavailable
                    : StatusCodes.Status200OK;
                context.Response.ContentType = "text/plain";
                context.Response.Headers.CacheControl = "no-store, no-cache";
                await context.Response.WriteAsync(status.ToString(), context.RequestAborted);
            })
            .ShortCircuit()
            .DisableHttpMetrics()
            .ExcludeFromDescription();
    }
}
