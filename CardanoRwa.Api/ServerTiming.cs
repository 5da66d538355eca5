using System.Globalization;
using CardanoRwa.Core.Data;

namespace CardanoRwa.Api;

internal static class ServerTiming
{
    /// <summary>
    /// Server-Timing: db;dur=1.25, in milliseconds, on answers of /api that the database had a part in; what the cache answered has none.
    /// </summary>
    public static void UseServerTiming(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (context.Request.Path.StartsWithSegments("/api"))
        {
            context.Response.OnStarting(static state =>
            {
                var (response, time) = ((HttpResponse, DatabaseTime))state;
                if (time.Elapsed > TimeSpan.Zero)
                {
                    response.Headers["Server-Timing"] = string.Create(CultureInfo.InvariantCulture, $"db;dur={time.Elapsed.TotalMilliseconds:0.###}");
                }
                return Task.CompletedTask;
            }, (context.Response, DatabaseTime.Begin()));
        }
        return next(context);
    });
}
