namespace CardanoRwa.Api.Pages;

/// <summary>Who may keep an answer and for how long. What says nothing of itself is kept by nobody.</summary>
internal static class CacheHeaders
{
    /// <summary>The status: a browser keeps it for a moment, a CDN for longer, and both may show it while they fetch a newer one or cannot.</summary>
    public const string Status = "public, max-age=5, s-maxage=10, stale-while-revalidate=60, stale-if-error=600";

    /// <summary>A proof that anyone may read; what it says changes when a block is made.</summary>
    public const string Proof = "public, max-age=10, s-maxage=60, stale-while-revalidate=300, stale-if-error=3600";

    /// <summary>What is under a name that changes with it.</summary>
    public const string Forever = "public, max-age=31536000, immutable";

    public static void UseCacheHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(static state =>
        {
            var response = ((HttpContext)state).Response;
            // A fault or a refusal is nothing to keep, whatever the answer would have said.
            if (response.Headers.CacheControl.Count == 0 || response.StatusCode >= 400)
            {
                response.Headers.CacheControl = "no-store";
            }
            return Task.CompletedTask;
        }, context);
        return next(context);
    });
}
