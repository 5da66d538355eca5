using System.Reflection;
using System.Security.Cryptography;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CardanoRwa.Core.Configurations;

public static class ConfigurationSetup
{
    /// <summary>Leaves what this service was started with in the database, for the worker to keep with the backups.</summary>
    public static IHostApplicationBuilder AddConfigurationRecord(this IHostApplicationBuilder builder, string service)
    {
        builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<ConfigurationRecorder>(services, service));
        return builder;
    }
}

/// <summary>Writes the service's row once the schema is there, then ends.</summary>
internal sealed partial class ConfigurationRecorder(
    string service, IConfiguration configuration, SchemaState schema, IServiceScopeFactory scopes, TimeProvider clock, ILogger<ConfigurationRecorder> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                if (await schema.CheckAsync(stoppingToken))
                {
                    await WriteAsync(stoppingToken);
                    return;
                }
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException { InnerException: NpgsqlException })
            {
                LogWaiting(logger, e.GetBaseException().Message);
            }
            await Task.Delay(Pause, clock, stoppingToken);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        var fresh = RandomNumberGenerator.GetBytes(32);
        await db.Database.ExecuteSqlAsync($"INSERT INTO configuration_key (id, key) VALUES (1, {fresh}) ON CONFLICT DO NOTHING", cancellationToken);
        var key = await db.Set<ConfigurationKey>().AsNoTracking().Select(k => k.Key).SingleAsync(cancellationToken);
        var version = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        var (lines, now) = (ConfigurationLines.Of(configuration, version, key), clock.GetUtcNow());
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO configurations (service, lines, started_at) VALUES ({service}, {lines}, {now}) ON CONFLICT (service) DO UPDATE SET lines = EXCLUDED.lines, started_at = EXCLUDED.started_at", cancellationToken);
    }

    [LoggerMessage(1820, LogLevel.Warning, "The configuration cannot be noted in the database yet: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
