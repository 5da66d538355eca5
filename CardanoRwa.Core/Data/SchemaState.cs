using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CardanoRwa.Core.Data;

/// <summary>Whether the database has every migration this build was made for. Newer ones do not matter: migrations are additive.</summary>
public sealed class SchemaState(IServiceScopeFactory scopes) : IHealthCheck
{
    private volatile bool _current;

    public bool IsCurrent => _current;

    public async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        if (!_current)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
            _current = !(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();
        }
        return _current;
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await CheckAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Waiting for the schema's migrations.");
}
