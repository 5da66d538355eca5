namespace CardanoRwa.Worker;

/// <summary>A thin loop around one idempotent step: run, wait, again. A failed step is logged and tried at the next turn.</summary>
internal abstract partial class PeriodicJob(IServiceScopeFactory scopes, TimeProvider clock, ILogger logger) : BackgroundService
{
    protected abstract TimeSpan Interval { get; }

    /// <returns>True when there may be more to do at once.</returns>
    protected abstract Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var more = false;
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                more = await StepAsync(scope.ServiceProvider, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e, GetType().Name);
            }
            if (!more)
            {
                await Task.Delay(Interval, clock, stoppingToken);
            }
        }
    }

    [LoggerMessage(800, LogLevel.Error, "{Job} failed; it runs again at its next turn.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string job);
}
