using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Hedging;
using Polly.Timeout;

namespace CardanoRwa.Cardano.Blockfrost;

/// <summary>How calls are repeated, limited and given up. Everything sent may be sent twice: reads, and submissions of the same bytes.</summary>
internal static class BlockfrostResilience
{
    internal const HttpStatusCode UsageLimit = HttpStatusCode.PaymentRequired;
    internal const HttpStatusCode Banned = (HttpStatusCode)418;
    internal const HttpStatusCode MempoolFull = (HttpStatusCode)425;

    /// <summary>For each call on the wire: retry, then a turn of the rate limit, the breaker and a time-out for every attempt.</summary>
    internal static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, BlockfrostOptions options)
    {
        if (options.Retries > 0)
        {
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldRetryAfterHeader = true,
                ShouldHandle = static args => ValueTask.FromResult(IsWorthRetrying(args.Outcome)),
            });
        }

        // A few tokens at a time: one by one, a high rate would need a timer finer than there is.
        var tokens = Math.Max(1, options.RequestsPerSecond / 20);
        var limiter = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.Burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / options.RequestsPerSecond),
            QueueLimit = options.QueueLimit,
            AutoReplenishment = true,
        });
        pipeline.AddRateLimiter(limiter);
        pipeline.AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
        {
            FailureRatio = 0.5,
            MinimumThroughput = 10,
            SamplingDuration = TimeSpan.FromSeconds(Math.Max(30, options.AttemptTimeout.TotalSeconds * 2)),
            BreakDuration = options.BreakDuration,
            ShouldHandle = static args => ValueTask.FromResult(IsOutage(args.Outcome)),
        });
        pipeline.AddTimeout(options.AttemptTimeout);
    }

    /// <summary>The attempt's time-out ends with the answer's headers; this one covers a body that never ends, too.</summary>
    internal static TimeSpan Overall(BlockfrostOptions options) => (options.Retries + 1) * options.AttemptTimeout + TimeSpan.FromMinutes(2);

    /// <summary>Around a read: a second one beside a slow first, and whichever answers first wins.</summary>
    internal static ResiliencePipeline<HttpResponseMessage> Hedge(BlockfrostOptions options) => options.HedgeAfter <= TimeSpan.Zero
        ? ResiliencePipeline<HttpResponseMessage>.Empty
        : new ResiliencePipelineBuilder<HttpResponseMessage>().AddHedging(new HedgingStrategyOptions<HttpResponseMessage>
        {
            MaxHedgedAttempts = 1,
            Delay = options.HedgeAfter,
            ShouldHandle = static _ => PredicateResult.False(),
        }).Build();

    private static bool IsWorthRetrying(Outcome<HttpResponseMessage> outcome) =>
        IsOutage(outcome) || outcome.Result?.StatusCode is UsageLimit or Banned or MempoolFull or HttpStatusCode.TooManyRequests;

    private static bool IsOutage(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException or TimeoutRejectedException || (int?)outcome.Result?.StatusCode >= 500;
}
