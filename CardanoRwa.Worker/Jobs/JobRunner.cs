using CardanoRwa.Core.Data;
using CardanoRwa.Core.Jobs;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CardanoRwa.Worker.Jobs;

internal static class JobRunnerSetup
{
    public static IHostApplicationBuilder AddJobRunner(this IHostApplicationBuilder builder)
    {
        builder.AddJobs();
        builder.Services.AddHostedService<JobRunner>();
        return builder;
    }

    /// <summary>This worker does jobs of the handler's kind.</summary>
    public static IServiceCollection AddJobHandler<THandler>(this IServiceCollection services) where THandler : class, IJobHandler
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IJobHandler, THandler>());
        return services;
    }
}

/// <summary>Takes requested jobs and hands them to their handlers; kinds do not wait for each other.</summary>
internal sealed partial class JobRunner(IEnumerable<IJobHandler> handlers, IServiceScopeFactory scopes, SchemaState schema, TimeProvider clock, ILogger<JobRunner> logger) : BackgroundService
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);
    private readonly string _worker = $"worker/{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}"[..^24];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(handlers.Select(h => LoopAsync(h, stoppingToken)));

    private async Task LoopAsync(IJobHandler handler, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var more = false;
            try
            {
                more = await schema.CheckAsync(stoppingToken) && await StepAsync(handler, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e, handler.Kind);
            }
            if (!more)
            {
                await Task.Delay(Turn, clock, stoppingToken);
            }
        }
    }

    private async Task<bool> StepAsync(IJobHandler handler, CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var queue = scope.ServiceProvider.GetRequiredService<JobQueue>();
        foreach (var orphan in await queue.TakeOrphansAsync(handler.Kind, handler.WhenOrphaned, _worker, stoppingToken))
        {
            LogOrphan(logger, orphan.Id, orphan.Kind, orphan.State);
        }
        if (await queue.ClaimAsync(handler.Kind, _worker, stoppingToken) is not { } job)
        {
            return false;
        }
        await new JobRun(handler, job, scopes, clock, logger).RunAsync(stoppingToken);
        return true;
    }

    [LoggerMessage(4600, LogLevel.Error, "Jobs of kind {Kind} cannot be taken; it is tried again.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string kind);

    [LoggerMessage(4601, LogLevel.Warning, "The worker of job {Id} ({Kind}) is gone; the job is {State} now.")]
    private static partial void LogOrphan(ILogger logger, Guid id, string kind, JobState state);
}
