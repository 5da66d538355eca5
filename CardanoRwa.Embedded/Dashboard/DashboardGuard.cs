using System.Net;
using Microsoft.AspNetCore.Http;

namespace CardanoRwa.Embedded.Dashboard;

/// <summary>
/// Lets in only pages this server itself sent. Loopback alone does not: any web site a developer visits can have their browser call
/// it, under a name of its own that resolves to 127.0.0.1 or directly.
/// </summary>
internal static class DashboardGuard
{
    public const string ActionHeader = "X-Rwa-Dashboard";

    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";

        if (Fault(context.Request) is { } fault)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync(fault, context.RequestAborted);
            return;
        }

        await next(context);
    }

    private static string? Fault(HttpRequest request)
    {
        if (!IsLoopback(request.Host.Host))
            return "The dashboard answers only to localhost.";
        if (request.Headers.Origin is [{ } origin, ..] && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
            return "The dashboard does not answer other sites.";

        // Another port of localhost is another site's page as well; following a link from there is not.
        var isLink = HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate";
        if (request.Headers["Sec-Fetch-Site"] is [not ("same-origin" or "none"), ..] && !isLink)
            return "The dashboard does not answer other sites.";

        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        return reads || request.Headers.ContainsKey(ActionHeader) ? null : $"An action needs the header {ActionHeader}.";
    }

    private static bool IsLoopback(string host) => string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}
