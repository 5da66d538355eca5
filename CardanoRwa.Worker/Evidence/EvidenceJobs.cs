using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Restored;
using CardanoRwa.Core.Writes;
using CardanoRwa.Ipfs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Evidence;

internal static class EvidenceJobsSetup
{
    public static IHostApplicationBuilder AddEvidenceJobs(this IHostApplicationBuilder builder)
    {
        builder.AddEvidence();
        builder.Services.AddHostedService<EvidencePinning>();
        builder.Services.AddHostedService<EvidenceSweep>();
        return builder;
    }
}

/// <summary>Brings to IPFS what is to be there.</summary>
internal sealed partial class EvidencePinning(IServiceScopeFactory scopes, PinServices pinServices, TimeProvider clock, ILogger<EvidencePinning> logger) : PeriodicJob(scopes, clock, logger)
{
    private readonly IPinService? _service = pinServices.Create();

    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_service is null)
        {
            LogNoService(logger);
            return Task.CompletedTask;
        }
        return base.ExecuteAsync(stoppingToken);
    }

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken)
        && await services.GetRequiredService<RestoreHold>().FindAsync(cancellationToken) is not { IsDrill: true }
        && await services.GetRequiredService<PinDesk>().StepAsync(_service!, cancellationToken);

    [LoggerMessage(2520, LogLevel.Warning, "No IPFS service is configured (section Ipfs): what is to be pinned waits.")]
    private static partial void LogNoService(ILogger logger);
}

/// <summary>Reads stored documents again, the longest unread first, and checks every byte.</summary>
internal sealed class EvidenceSweep(IServiceScopeFactory scopes, EvidenceVault vault, IOptions<EvidenceOptions> options, TimeProvider clock, ILogger<EvidenceSweep> logger) : PeriodicJob(scopes, clock, logger)
{
    private readonly TimeProvider _clock = clock;

    protected override TimeSpan Interval => TimeSpan.FromTicks(Math.Min(TimeSpan.FromMinutes(1).Ticks, options.Value.RecheckInterval.Ticks));

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!vault.IsConfigured || !await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken))
        {
            return false;
        }
        var now = ChangeStamp.Microseconds(_clock.GetUtcNow());
        // Taken by the mark that it is read now, so that several workers read different ones.
        var taken = await services.GetRequiredService<RwaDbContext>().EvidenceContents.FromSql($"""
            UPDATE evidence_contents SET checked_at = {now}
            WHERE id = (SELECT id FROM evidence_contents WHERE checked_at <= {now - options.Value.RecheckInterval} ORDER BY checked_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING *
            """).AsNoTracking().ToListAsync(cancellationToken);
        if (taken.SingleOrDefault() is not { } content)
        {
            return false;
        }
        await vault.CheckAsync(content, options.Value.RecheckBytesPerSecond, cancellationToken);
        return true;
    }
}
