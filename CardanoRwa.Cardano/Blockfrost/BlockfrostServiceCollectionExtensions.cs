using CardanoRwa.Cardano.Blockfrost;
using CardanoRwa.Cardano.Providers;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

public static class BlockfrostServiceCollectionExtensions
{
    private const string Name = "blockfrost";

    /// <summary>
    /// Registers <see cref="BlockfrostProvider"/> as <see cref="ICardanoProvider"/> and <see cref="IChainIndex"/> over the
    /// HTTP client named <c>blockfrost</c>, to which handlers can be added.
    /// </summary>
    public static IHttpClientBuilder AddBlockfrost(this IServiceCollection services, Action<BlockfrostOptions> configure)
    {
        services.AddOptions<BlockfrostOptions>().Configure(configure)
            .Validate(static o => o.Url is null or { IsAbsoluteUri: true }, "Blockfrost: Url must be an absolute address.")
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<BlockfrostOptions>, BlockfrostOptionsValidator>();
        services.AddSingleton(static provider => new BlockfrostProvider(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(Name),
            provider.GetRequiredService<IOptions<BlockfrostOptions>>().Value));
        services.AddSingleton<ICardanoProvider>(static provider => provider.GetRequiredService<BlockfrostProvider>());
        services.AddSingleton<IChainIndex>(static provider => provider.GetRequiredService<BlockfrostProvider>());
        var client = services.AddHttpClient(Name, static (provider, http) => BlockfrostProvider.Prepare(http, provider.GetRequiredService<IOptions<BlockfrostOptions>>().Value))
            .UseSocketsHttpHandler(static (handler, _) => handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        client.AddResilienceHandler(Name, static (pipeline, context) => BlockfrostResilience.Configure(pipeline, context.ServiceProvider.GetRequiredService<IOptions<BlockfrostOptions>>().Value));
        return client;
    }
}
