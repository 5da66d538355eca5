using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Caching;

public static class CachingSetup
{
    /// <summary>The registry's cache over whatever <see cref="IDistributedCache"/> is registered so far.</summary>
    public static IHostApplicationBuilder AddRegistryCache(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<CacheOptions>().BindConfiguration(CacheOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var options = builder.Configuration.GetSection(CacheOptions.Section).Get<CacheOptions>() ?? new CacheOptions();
        services.TryAddSingleton(TimeProvider.System);
        Guard(services);
        services.AddMemoryCache(memory => memory.SizeLimit = options.MemoryLimitBytes / 4);
        services.AddHybridCache(hybrid =>
        {
            hybrid.DefaultEntryOptions = new HybridCacheEntryOptions { Expiration = options.Lifetime, LocalCacheExpiration = options.Lifetime };
            hybrid.MaximumPayloadBytes = 1024 * 1024;
            hybrid.ReportTagMetrics = false;
        }).AddSerializer<CachedAnswer, CachedAnswerSerializer>();
        services.AddSingleton<CacheMetrics>();
        services.AddSingleton<RegistryCache>();
        services.AddSingleton<RegistryChanges>();
        return builder;
    }

    private static void Guard(IServiceCollection services)
    {
        var inner = services.Last(d => d.ServiceType == typeof(IDistributedCache) && !d.IsKeyedService);
        services.Remove(inner);
        services.AddSingleton<IDistributedCache>(provider => new GuardedDistributedCache(
            (IDistributedCache)(inner.ImplementationInstance
                ?? inner.ImplementationFactory?.Invoke(provider)
                ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)),
            provider.GetRequiredService<IOptions<CacheOptions>>().Value,
            provider.GetRequiredService<TimeProvider>()));
    }
}
