using System.Text;

namespace CardanoRwa.Api.Pages;

/// <summary>A whole document, and the headers that every one of them carries.</summary>
internal sealed class Page(string title, Html body, int status = 200) : IResult
{
    /// <summary>Looked at again after so many seconds, also without JavaScript.</summary>
    public int? RefreshSeconds { get; init; }

    public bool UsesScript { get; init; }

    public Html Navigation { get; init; }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(Html.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        {(RefreshSeconds is { } seconds ? UsesScript ? Html.Of($"""<noscript><meta http-equiv="refresh" content="{seconds}"></noscript>""") : Html.Of($"""<meta http-equiv="refresh" content="{seconds}">""") : Html.Empty)}
        <title>{title} - CardanoRwa</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="{StaticFiles.Css}">
        {(UsesScript ? Html.Of($"""<script src="{StaticFiles.Js}" defer></script>""") : Html.Empty)}
        </head>
        <body>
        <a class="skip" href="#main">To the content</a>
        <header class="top"><p class="brand"><a href="/status">CardanoRwa</a></p>{Navigation}</header>
        <main id="main">
        {body}
        </main>
        </body>
        </html>

        """).ToString());

    /// <summary>Nothing is loaded from elsewhere, nothing inline runs, nobody frames it.</summary>
    public static void Secure(HttpResponse response, bool usesScript)
    {
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'self'; img-src 'self' data:;{(usesScript ? " script-src 'self'; connect-src 'self'; form-action 'self';" : " form-action 'none';")} base-uri 'none'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        // Forms and scripts stand on the operator page only, whose answers are nobody else's.
        Secure(response, usesScript: true);
        response.Headers.CacheControl = "no-store";
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        var bytes = ToBytes();
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
        }
    }
}
