using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CardanoRwa.Core.Caching;

/// <summary>
/// Makes committed changes visible: this process forgets them before the writer is answered, and other replicas are nudged
/// to read the change feed at once. A lost nudge costs them one <see cref="CacheOptions.FeedInterval"/>, never correctness.
/// </summary>
public sealed partial class RegistryChanges(RegistryCache cache, IServiceProvider services, ILogger<RegistryChanges> logger)
{
    /// <summary>Of more assets than this the whole cache is forgotten.</summary>
    internal const int MostAtOnce = 10_000;

    public static readonly RedisChannel Channel = RedisChannel.Literal("rwa:changed");

    /// <summary>Mints or burns were asked for. A lost nudge costs the worker one poll.</summary>
    public static readonly RedisChannel Requests = RedisChannel.Literal("rwa:requests");

    /// <summary>What this process's nudges say, so that it does not look for what it did itself.</summary>
    internal RedisValue Id { get; } = Guid.NewGuid().ToString("N");

    public async ValueTask CommittedAsync(Touched touched)
    {
        if (touched.Lists)
        {
            await ForgetAsync(touched);
            Nudge(Channel);
        }
        if (touched.Requested)
        {
            Nudge(Requests);
        }
    }

    public async ValueTask ForgetAsync(Touched touched)
    {
        if (touched.All || touched.Assets.Count > MostAtOnce)
        {
            await cache.ForgetAllAsync();
        }
        else if (touched.Lists)
        {
            foreach (var id in touched.Assets)
            {
                cache.ForgetAsset(id);
            }
            // In this process they are forgotten as the call is made; what is awaited is Redis.
            await cache.ForgetListsAsync();
        }
    }

    private void Nudge(RedisChannel channel)
    {
        if (services.GetService(typeof(IConnectionMultiplexer)) is not IConnectionMultiplexer { IsConnected: true } redis)
        {
            return;
        }
        redis.GetSubscriber().PublishAsync(channel, Id, CommandFlags.FireAndForget)
            .ContinueWith(t => LogNudgeLost(logger, t.Exception!.GetBaseException().Message), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    [LoggerMessage(1900, LogLevel.Debug, "Other replicas were not nudged ({Reason}); they will see the change by the feed.")]
    private static partial void LogNudgeLost(ILogger logger, string reason);
}
