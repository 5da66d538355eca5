using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CardanoRwa.Worker.Data;

internal static class MigrationsSetup
{
    public static IHostApplicationBuilder AddMigrationsAtStart(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService<MigrationsAtStart>();
        return builder;
    }
}

/// <summary>
/// Where nothing ran the one-shot 'migrate' step before (a container platform has no such step), the worker does it.
/// Replicas take turns under the runner's lock, and the Api waits for the schema whoever brings it.
/// </summary>
internal sealed partial class MigrationsAtStart(IServiceScopeFactory scopes, TimeProvider clock, ILogger<MigrationsAtStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<MigrationRunner>().RunAsync(stoppingToken);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or InvalidOperationException { InnerException: NpgsqlException })
            {
                LogWaiting(logger, e.GetBaseException().Message);
                await Task.Delay(TimeSpan.FromSeconds(2), clock, stoppingToken);
            }
        }
    }

    [LoggerMessage(1810, LogLevel.Warning, "The schema cannot be brought up to date yet: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
