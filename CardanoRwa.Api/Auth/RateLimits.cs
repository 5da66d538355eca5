using System.ComponentModel.DataAnnotations;
using System.Threading.RateLimiting;
using CardanoRwa.Api.Ops;
using CardanoRwa.Api.Problems;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Api.Auth;

public sealed class RateLimitOptions
{
    public const string Section = "RateLimit";

    /// <summary>Requests a second that one principal may send in the long run.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 5_000;

    /// <summary>Requests a second that one address may send without credentials.</summary>
    [Range(1, 1_000_000)]
    public int AnonymousRequestsPerSecond { get; set; } = 100;

    /// <summary>Tries a minute that one address has to sign in at the operator page.</summary>
    [Range(1, 10_000)]
    public int SignInsPerMinute { get; set; } = 10;
}

/// <summary>How many requests a second each principal has left. What is answered from memory asks nothing else.</summary>
internal sealed class PrincipalRates(IOptions<RateLimitOptions> options) : IDisposable
{
    public PartitionedRateLimiter<HttpContext> Limiter { get; } = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimits.Partition(context, options.Value));

    public void Dispose() => Limiter.Dispose();
}

internal static class RateLimits
{
    public static IHostApplicationBuilder AddRateLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<OverloadOptions>().BindConfiguration(OverloadOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddRequestTimeouts();
        builder.Services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<OverloadOptions>>((timeouts, overload) => timeouts.DefaultPolicy = Overload.Deadline(overload.Value));
        builder.Services.AddSingleton<PrincipalRates>();
        builder.Services.AddRateLimiter(_ => { });
        builder.Services.AddOptions<RateLimiterOptions>().Configure<PrincipalRates, IOptions<OverloadOptions>>((limiter, rate, overload) =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(rate.Limiter, Overload.Limiter(overload.Value));
            limiter.OnRejected = async (context, _) =>
            {
                // Only the rate of one principal knows when it will have room again.
                if (!context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait))
                {
                    context.HttpContext.Response.Headers.RetryAfter = Overload.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                    await Refusals.Problem(503, "overloaded", "More requests than this service can work on.", "Repeat the request, a write with the same Idempotency-Key, after the time in Retry-After.").ExecuteAsync(context.HttpContext);
                    return;
                }
                context.HttpContext.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
                var problem = Refusals.Problem(429, "rate_limited", "Too many requests.", "Slow down and repeat the request after the time in Retry-After.");
                await OpsProblem.For(context.HttpContext, problem).ExecuteAsync(context.HttpContext);
            };
        });
        return builder;
    }

    public static RateLimitPartition<string> Partition(HttpContext context, RateLimitOptions options)
    {
        if (context.Request.Path.StartsWithSegments(OpsEndpoints.SignInPath) && HttpMethods.IsPost(context.Request.Method))
        {
            return RateLimitPartition.GetFixedWindowLimiter($"sign-in:{context.Connection.RemoteIpAddress}", _ => new FixedWindowRateLimiterOptions { PermitLimit = options.SignInsPerMinute, Window = TimeSpan.FromMinutes(1) });
        }
        if (!context.Request.Path.StartsWithSegments("/api"))
        {
            return RateLimitPartition.GetNoLimiter("");
        }
        return context.User.Identity is { IsAuthenticated: true, Name: { } name }
            ? Bucket(name, options.RequestsPerSecond)
            : Bucket($"address:{context.Connection.RemoteIpAddress}", options.AnonymousRequestsPerSecond);
    }

    private static RateLimitPartition<string> Bucket(string key, int perSecond) => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = perSecond * 2,
        TokensPerPeriod = Math.Max(1, perSecond / 10),
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
        QueueLimit = 0,
    });
}
