using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace CardanoRwa.ServiceDefaults;

/// <summary>
/// A request may never wait long for the cache. The client as it comes queues each command for five seconds while the server is away, and blocks
/// the first caller for as long; so configured, a lost server costs an exception at once, a silent one about a second.
/// </summary>
internal static class OptionalCache
{
    /// <summary>Call before the client is added: these are defaults, which connection string, configuration and code still override.</summary>
    public static void AddOptionalCacheDefaults(this IServiceCollection services) => services.Configure<ConfigurationOptions>(options =>
    {
        options.BacklogPolicy = BacklogPolicy.FailFast;

        // Defaults made for a cloud's endpoints know more about them than these.
        if (DefaultOptionsProvider.GetProvider(options.EndPoints).GetType() == typeof(DefaultOptionsProvider))
        {
            options.Defaults = new Defaults();
        }
    });

    private sealed class Defaults : DefaultOptionsProvider
    {
        public override bool AbortOnConnectFail => false;

        public override TimeSpan? ConnectTimeout => TimeSpan.FromSeconds(2);

        public override TimeSpan SyncTimeout => TimeSpan.FromSeconds(1);
    }
}
