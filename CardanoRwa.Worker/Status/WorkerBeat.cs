using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Recovery;
using CardanoRwa.Core.Status;
using CardanoRwa.Worker.Recovery;

namespace CardanoRwa.Worker.Status;

internal static class WorkerStatusSetup
{
    /// <summary>Tells the status page that this worker is there and what it does.</summary>
    public static IHostApplicationBuilder AddWorkerBeat(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => new WorkerReport(
            $"{Environment.MachineName}/{Environment.ProcessId}", builder.Configuration.CanMint(), ArchivingSetup.IsEnabled(builder), services.GetRequiredService<PinServices>().Create() is not null));
        builder.Services.AddHostedService<WorkerBeat>();
        return builder;
    }
}

/// <summary>Says every few seconds that it is there, and forgets counts of requests that no page shows any more.</summary>
internal sealed class WorkerBeat(IServiceScopeFactory scopes, WorkerReport report, TimeProvider clock, ILogger<WorkerBeat> logger) : PeriodicJob(scopes, clock, logger)
{
    private const int Batch = 5_000;
    private readonly TimeProvider _clock = clock;

    protected override TimeSpan Interval => TimeSpan.FromSeconds(10);

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken))
        {
            return false;
        }
        var db = services.GetRequiredService<RwaDbContext>();
        await RecoveryReports.PutAsync(db, WorkerReport.Name, report, cancellationToken);
        return await RequestMinutes.ForgetAsync(db, _clock.GetUtcNow() - RequestMinutes.Kept, Batch, cancellationToken) == Batch;
    }
}
