using System.ComponentModel.DataAnnotations;
using System.Threading.RateLimiting;

namespace CardanoRwa.Api.Auth;

/// <summary>Section <c>Overload</c>: how much one process takes on before it says so.</summary>
public sealed class OverloadOptions
{
    public const string Section = "Overload";

    /// <summary>Requests that are worked on at once. More than the database's pool has connections, for not every one needs the database all the time.</summary>
    [Range(1, 100_000)]
    public int ConcurrentRequests { get; set; } = 400;

    /// <summary>Requests that wait for one of these to end; further ones are refused at once, which costs next to nothing.</summary>
    [Range(0, 100_000)]
    public int QueuedRequests { get; set; } = 800;
}

/// <summary>
/// Requests beyond what the process can work on are refused with 503 while it still answers quickly, instead of all of them becoming slow.
/// It recovers as fast as the requests that it did take on end.
/// </summary>
internal static class Overload
{
    public const int RetryAfterSeconds = 1;

    public static PartitionedRateLimiter<HttpContext> Limiter(OverloadOptions options) => PartitionedRateLimiter.Create<HttpContext, string>(context =>
    {
        // A stream of events waits nearly all of its life.
        if (!context.Request.Path.StartsWithSegments("/api") || context.Request.Path.Value!.EndsWith("/events", StringComparison.Ordinal))
        {
            return RateLimitPartition.GetNoLimiter("");
        }
        return RateLimitPartition.GetConcurrencyLimiter("all", _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = options.ConcurrentRequests,
            QueueLimit = options.QueuedRequests,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    });
}
