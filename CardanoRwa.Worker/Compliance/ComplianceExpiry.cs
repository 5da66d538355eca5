using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;

namespace CardanoRwa.Worker.Compliance;

internal static class ComplianceSetup
{
    public static IHostApplicationBuilder AddComplianceExpiry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService<ComplianceExpiry>();
        return builder;
    }
}

/// <summary>Writes approvals down as expired once their end has passed. Readers do not depend on it: they compare the end themselves.</summary>
internal sealed class ComplianceExpiry(IServiceScopeFactory scopes, TimeProvider clock, ILogger<ComplianceExpiry> logger) : PeriodicJob(scopes, clock, logger)
{
    private const int Batch = 200;

    protected override TimeSpan Interval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken))
        {
            return false;
        }
        var expired = await services.GetRequiredService<RegistryTransaction>().RunAsync(
            "system:compliance-expiry", (stamp, token) => services.GetRequiredService<ComplianceDesk>().ExpireAsync(stamp, Batch, token), cancellationToken);
        return expired == Batch;
    }
}
