using System.ComponentModel.DataAnnotations;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Worker.Writes;

internal sealed class KeyRetentionOptions
{
    public const string Section = "Idempotency";

    /// <summary>How long the answer to a write can be repeated under its key.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}

internal static class KeyRetentionSetup
{
    public static IHostApplicationBuilder AddKeyRetention(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<KeyRetentionOptions>().BindConfiguration(KeyRetentionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<KeyRetention>();
        return builder;
    }
}

/// <summary>Forgets idempotency keys past their retention.</summary>
internal sealed class KeyRetention(IServiceScopeFactory scopes, IOptions<KeyRetentionOptions> options, TimeProvider clock, ILogger<KeyRetention> logger) : PeriodicJob(scopes, clock, logger)
{
    private const int Batch = 5_000;
    private readonly TimeProvider _clock = clock;

    protected override TimeSpan Interval => TimeSpan.FromMinutes(10);

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken))
        {
            return false;
        }
        var oldest = _clock.GetUtcNow() - options.Value.Retention;
        var deleted = await services.GetRequiredService<RwaDbContext>().Database.ExecuteSqlAsync(
            $"DELETE FROM idempotency_keys WHERE ctid IN (SELECT ctid FROM idempotency_keys WHERE created_at < {oldest} LIMIT {Batch})", cancellationToken);
        return deleted == Batch;
    }
}
