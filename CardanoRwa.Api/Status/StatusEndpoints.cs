using CardanoRwa.Api.Pages;
using CardanoRwa.Core.Status;

namespace CardanoRwa.Api.Status;

internal static class StatusEndpoints
{
    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];

    public static IHostApplicationBuilder AddStatusPage(this IHostApplicationBuilder builder)
    {
        builder.AddStatus();
        builder.Services.AddSingleton<RequestTally>();
        builder.Services.AddHostedService<RequestLedger>();
        builder.Services.AddSingleton<StatusBoard>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StatusBoard>());
        return builder;
    }

    public static void UseRequestTally(this WebApplication app)
    {
        var tally = app.Services.GetRequiredService<RequestTally>();
        app.Use((context, next) => tally.CountAsync(context, next));
    }

    public static WebApplication MapStatusPage(this WebApplication app)
    {
        app.MapMethods("/status", GetOrHead, async (HttpContext context, StatusBoard board, CancellationToken cancellationToken) => await SendAsync(context, await board.PageAsync(cancellationToken)))
            .AllowAnonymous().ExcludeFromDescription().DisableHttpMetrics();
        app.MapMethods("/status.json", GetOrHead, async (HttpContext context, StatusBoard board, CancellationToken cancellationToken) => await SendAsync(context, await board.JsonAsync(cancellationToken)))
            .AllowAnonymous().ExcludeFromDescription().DisableHttpMetrics();
        return app;
    }

    private static async Task SendAsync(HttpContext context, StatusAnswer answer)
    {
        var (request, response) = (context.Request, context.Response);
        Page.Secure(response, usesScript: false);
        response.Headers.CacheControl = CacheHeaders.Status;
        response.Headers.ETag = answer.ETag;
        if (ETags.Matches(request, answer.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Bytes.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.Body.WriteAsync(answer.Bytes, context.RequestAborted);
        }
    }
}
