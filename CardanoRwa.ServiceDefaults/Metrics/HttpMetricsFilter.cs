using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace CardanoRwa.ServiceDefaults.Metrics;

/// <summary>Puts the middleware around the whole pipeline: what an exception handler or a rate limiter answers is counted too.</summary>
internal sealed class HttpMetricsFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<HttpMetricsMiddleware>();
        next(app);
    };
}
