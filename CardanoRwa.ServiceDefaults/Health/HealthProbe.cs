using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CardanoRwa.ServiceDefaults.Health;

/// <summary>
/// Answers any number of callers from at most one run of the checks a second, so that an open probe is no lever against the database.
/// </summary>
internal sealed class HealthProbe(HealthCheckService service, Func<HealthCheckRegistration, bool> checks, TimeProvider clock)
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private Task<HealthStatus>? run;
    private long started;

    public Task<HealthStatus> CheckAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (run is null || (run.IsCompleted && clock.GetElapsedTime(started) >= FreshFor))
            {
                started = clock.GetTimestamp();
                // Not the caller's token: others may be waiting for the same run.
                run = Task.Run(RunAsync, CancellationToken.None);
            }

            return run.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthStatus> RunAsync() => (await service.CheckHealthAsync(checks, CancellationToken.None)).Status;
}
