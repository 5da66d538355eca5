using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CardanoRwa.Core.Caching;

/// <summary>
/// Makes committed changes visible: this process forgets them before the writer is answered, and other replicas are nudged
/// to read the change feed at once. A lost nudge costs them one <see cref="CacheOptions.FeedInterval"/>, never correctness.
/// </summary>
public sealed partial class RegistryChanges(RegistryCache cache, IServiceProvider services, ILogger<RegistryChanges> logger)
{
    public static readonly RedisChannel Channel = RedisChannel.Literal("rwa:changed");

    public async ValueTask CommittedAsync(IReadOnlyCollection<Guid> assetIds)
    {
        if (assetIds.Count > 0)
        {
            await ForgetAsync(assetIds);
            Nudge();
        }
    }

    public async ValueTask ForgetAsync(IReadOnlyCollection<Guid> assetIds)
    {
        foreach (var id in assetIds)
        {
            await cache.ForgetAsync(id);
        }
        await cache.ForgetListsAsync();
    }

    private void Nudge()
    {
        if (services.GetService(typeof(IConnectionMultiplexer)) is not IConnectionMultiplexer { IsConnected: true } redis)
        {
            return;
        }
        redis.GetSubscriber().PublishAsync(Channel, RedisValue.EmptyString, CommandFlags.FireAndForget)
            .ContinueWith(t => LogNudgeLost(logger, t.Exception!.GetBaseException().Message), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    [LoggerMessage(1900, LogLevel.Debug, "Other replicas were not nudged ({Reason}); they will see the change by the feed.")]
    private static partial void LogNudgeLost(ILogger logger, string reason);
}
