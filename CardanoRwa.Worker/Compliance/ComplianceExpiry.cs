using CardanoRwa.Core.Caching;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

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
    private readonly TimeProvider _clock = clock;

    protected override TimeSpan Interval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken))
        {
            return false;
        }
        var db = services.GetRequiredService<RwaDbContext>();
        var desk = services.GetRequiredService<ComplianceDesk>();
        var expired = 0;
        var touched = Touched.Nothing;
        await db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var stamp = ChangeStamp.Create("system:compliance-expiry", _clock);
            expired = await desk.ExpireAsync(stamp, Batch, token);
            touched = await db.SaveAsync(stamp, token);
            await transaction.CommitAsync(token);
        }, cancellationToken);
        await services.GetRequiredService<RegistryChanges>().CommittedAsync(touched);
        return expired == Batch;
    }
}
