using System.Threading.RateLimiting;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Status;
using CardanoRwa.Core.Caching;

namespace CardanoRwa.Api.Assets;

/// <summary>Marks a read whose answer may lie in this process's memory, and says where.</summary>
internal sealed record CachedRead(Func<HttpContext, RegistryCache, CachedAnswer?> Find);

/// <summary>
/// Answers a read that is in memory, for a key that is known, before the pipeline that would take several times as long to come to the same answer:
/// the same rights, the same rate, the same counts. Whatever is not plain here goes the usual way, which also makes all refusals.
/// </summary>
internal static class CachedReads
{
    public static TBuilder AnsweredFromMemory<TBuilder>(this TBuilder endpoint, Func<HttpContext, RegistryCache, CachedAnswer?> find) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new CachedRead(find));

    public static void UseCachedReads(this WebApplication app)
    {
        var services = app.Services;
        var (cache, keys, tally) = (services.GetRequiredService<RegistryCache>(), services.GetRequiredService<KnownKeys>(), services.GetRequiredService<RequestTally>());
        var limiter = services.GetRequiredService<PrincipalRates>().Limiter;
        app.Use((context, next) => TryFind(context, cache, keys, limiter) is { } answer ? AnswerAsync(context, answer, tally) : next(context));
    }

    private static CachedAnswer? TryFind(HttpContext context, RegistryCache cache, KnownKeys keys, PartitionedRateLimiter<HttpContext> limiter)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CachedRead>() is not { } read
            || context.Request.Headers[ApiKeyHandler.Header] is not [{ Length: > 0 } key]
            || keys.Find(key) is not { CanRead: true } known
            || read.Find(context, cache) is not { IsMissing: false } answer)
        {
            return null;
        }
        context.User = known.Principal;
        using var lease = limiter.AttemptAcquire(context);
        return lease.IsAcquired ? answer : null;
    }

    private static Task AnswerAsync(HttpContext context, CachedAnswer answer, RequestTally tally)
    {
        tally.Count(isFault: false);
        return Answer.WriteAsync(context, answer);
    }
}
