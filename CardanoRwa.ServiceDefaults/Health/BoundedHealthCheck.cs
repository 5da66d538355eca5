using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CardanoRwa.ServiceDefaults.Health;

/// <summary>
/// Answers within two seconds even if the check neither ends nor heeds its token (connecting to Redis blocks its thread for five).
/// A run that is late goes on in a scope of its own and is joined by the next caller, so late runs never pile up and
/// never use a scope (or hand a pooled DbContext back) that is gone.
/// </summary>
internal sealed class BoundedHealthCheck(Func<IServiceProvider, IHealthCheck> create, IServiceScopeFactory scopes, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private Task<HealthCheckResult>? run;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await JoinOrStart(context).WaitAsync(Limit, clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "No answer in time.", e);
        }
    }

    private Task<HealthCheckResult> JoinOrStart(HealthCheckContext context)
    {
        lock (gate)
        {
            return run is { IsCompleted: false } ? run : run = Task.Run(() => RunAsync(context));
        }
    }

    private async Task<HealthCheckResult> RunAsync(HealthCheckContext context)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        await using var scope = scopes.CreateAsyncScope();
        return await create(scope.ServiceProvider).CheckHealthAsync(context, limit.Token);
    }
}
