using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Stands in for <c>Aspire.StackExchange.Redis</c> 13.5 where its package cannot be had: same calls, settings and effects, without the keyed variants.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";
    private const string HealthCheckName = "StackExchange.Redis";

    /// <summary>Registers <see cref="IConnectionMultiplexer"/> as a singleton with health check and traces.</summary>
    /// <exception cref="InvalidOperationException">When the connection is first asked for: no endpoint is configured.</exception>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var section = builder.Configuration.GetSection(Section);
        var named = section.GetSection(connectionName);

        var settings = new StackExchangeRedisSettings();
        section.Bind(settings);
        named.Bind(settings);
        if (builder.Configuration.GetConnectionString(connectionName) is { } connectionString)
        {
            settings.ConnectionString = connectionString;
        }

        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton(new RedisConnectionString(settings.ConnectionString));
        builder.Services.TryAddTransient<IOptionsFactory<ConfigurationOptions>, RedisOptionsFactory>();
        builder.Services.Configure<ConfigurationOptions>(options =>
        {
            section.GetSection(nameof(ConfigurationOptions)).Bind(options);
            named.GetSection(nameof(ConfigurationOptions)).Bind(options);
            configureOptions?.Invoke(options);
        });

        builder.Services.AddSingleton<IConnectionMultiplexer>(services => Connect(services, connectionName, settings));
        if (!settings.DisableAutoActivation)
        {
            builder.Services.ActivateSingleton<IConnectionMultiplexer>();
        }

        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(RedisTracing.SourceName).AddProcessor<RedisTracing>());
        }

        if (!settings.DisableHealthChecks)
        {
            // A factory, since opening the connection may throw, and that is the check's to report.
            builder.TryAddHealthCheck(HealthCheckName, checks => checks.AddRedis(services => services.GetRequiredService<IConnectionMultiplexer>(), HealthCheckName));
        }
    }

    private static ConnectionMultiplexer Connect(IServiceProvider services, string connectionName, StackExchangeRedisSettings settings)
    {
        var options = services.GetRequiredService<IOptions<ConfigurationOptions>>().Value;
        if (options.EndPoints.Count == 0)
        {
            throw new InvalidOperationException(
                $"No Redis endpoint: set 'ConnectionStrings:{connectionName}', or 'ConnectionString' in '{Section}' or '{Section}:{connectionName}'.");
        }

        options.LoggerFactory ??= services.GetService<ILoggerFactory>();

        var connection = ConnectionMultiplexer.Connect(options);
        if (!settings.DisableTracing)
        {
            connection.RegisterProfiler(services.GetRequiredService<RedisTracing>().SessionOfCaller);
        }

        return connection;
    }
}
