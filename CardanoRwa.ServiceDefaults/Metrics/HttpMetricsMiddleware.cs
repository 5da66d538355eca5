using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace CardanoRwa.ServiceDefaults.Metrics;

internal sealed class HttpMetricsMiddleware(RequestDelegate next, HttpMetrics metrics)
{
    public Task InvokeAsync(HttpContext context) => metrics.Enabled ? MeasureAsync(context) : next(context);

    private async Task MeasureAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (Exception e)
        {
            metrics.Record(context, StatusOf(e, context), started);
            throw;
        }

        metrics.Record(context, context.Response.StatusCode, started);
    }

    // The server sets the status of an exception that nobody handled only after the last middleware has returned.
    private static int StatusOf(Exception exception, HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return StatusCodes.Status499ClientClosedRequest;
        }

        return exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
    }
}
