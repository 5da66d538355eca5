using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Threading.RateLimiting;
using CardanoRwa.Api.Ops;
using CardanoRwa.Api.Problems;
using Microsoft.AspNetCore.Http.Timeouts;

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

    /// <summary>How long a request may take, in seconds, waiting included, before it hears 503. What streams takes as long as its client likes.</summary>
    [Range(1, 600)]
    public int AnswerSeconds { get; set; } = 10;
}

/// <summary>
/// Requests beyond what the process can work on are refused with 503 while it still answers quickly, instead of all of them becoming slow.
/// It recovers as fast as the requests that it did take on end.
/// </summary>
internal static class Overload
{
    public const int RetryAfterSeconds = 1;

    /// <summary>A database that hangs makes no errors by itself: clients would leave one by one, and nobody be woken.</summary>
    public static RequestTimeoutPolicy Deadline(OverloadOptions options) => new()
    {
        Timeout = TimeSpan.FromSeconds(options.AnswerSeconds),
        TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        WriteTimeoutResponse = context =>
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            var problem = Refusals.Problem(503, "no_answer_in_time", "The request could not be answered in time.", "A write may have been carried out: repeat it with the same Idempotency-Key after the time in Retry-After.");
            return OpsProblem.For(context, problem).ExecuteAsync(context);
        },
    };

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
