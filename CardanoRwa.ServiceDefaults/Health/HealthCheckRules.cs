using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CardanoRwa.ServiceDefaults.Health;

/// <summary>
/// Applied to registrations by their name after all of them were made, so that it does not matter which package made them.
/// </summary>
internal sealed class HealthCheckRules(IServiceScopeFactory scopes, TimeProvider clock) : IPostConfigureOptions<HealthCheckServiceOptions>
{
    // The name that the Redis client integration gives its check; a keyed client appends "_" and its key.
    private const string Cache = "StackExchange.Redis";

    public void PostConfigure(string? name, HealthCheckServiceOptions options)
    {
        foreach (var check in options.Registrations)
        {
            // Nothing is lost without the cache, only slower; taking every replica out of service would be worse.
            if (check.Name.StartsWith(Cache, StringComparison.Ordinal))
            {
                check.FailureStatus = HealthStatus.Degraded;
            }

            var bounded = new BoundedHealthCheck(check.Factory, scopes, clock);
            check.Factory = _ => bounded;
        }
    }
}
