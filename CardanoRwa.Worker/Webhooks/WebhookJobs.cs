using System.Collections.Concurrent;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Restored;
using CardanoRwa.Core.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Worker.Webhooks;

internal static class WebhookJobsSetup
{
    public static IHostApplicationBuilder AddWebhookJobs(this IHostApplicationBuilder builder)
    {
        builder.AddWebhooks();
        builder.Services.AddHostedService<WebhookFanOut>();
        builder.Services.AddHostedService<WebhookDispatcher>();
        builder.Services.AddHostedService<DeliveryRetention>();
        return builder;
    }
}

/// <summary>Turns what was committed into deliveries.</summary>
internal sealed class WebhookFanOut(IServiceScopeFactory scopes, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookFanOut> logger) : PeriodicJob(scopes, clock, logger)
{
    protected override TimeSpan Interval => options.Value.FeedInterval;

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken) && await services.GetRequiredService<WebhookFeed>().StepAsync(cancellationToken);
}

/// <summary>Delivers to each receiver in a loop of its own, so that a slow one holds nobody else.</summary>
internal sealed partial class WebhookDispatcher(IServiceScopeFactory scopes, WebhookOutbox outbox, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookDispatcher> logger) : PeriodicJob(scopes, clock, logger)
{
    private readonly ConcurrentDictionary<Guid, Task> _running = [];

    protected override TimeSpan Interval => options.Value.FeedInterval;

    protected override async Task<bool> StepAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!await services.GetRequiredService<SchemaState>().CheckAsync(cancellationToken))
        {
            return false;
        }
        if (await services.GetRequiredService<RestoreHold>().FindAsync(cancellationToken) is { IsDrill: true })
        {
            return false; // a copy tells nobody anything
        }
        foreach (var id in await outbox.DueAsync(cancellationToken))
        {
            if (!_running.ContainsKey(id))
            {
                _running[id] = Task.Run(() => DeliverAsync(id, cancellationToken), CancellationToken.None);
            }
        }
        return false;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(_running.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DeliverAsync(Guid webhookId, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested && await outbox.DeliverAsync(webhookId, cancellationToken))
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or NpgsqlException or InvalidOperationException { InnerException: NpgsqlException })
        {
            // What was taken comes back by itself.
            LogInterrupted(logger, webhookId, e.GetBaseException().Message);
        }
        finally
        {
            _running.TryRemove(webhookId, out _);
        }
    }

    [LoggerMessage(2610, LogLevel.Warning, "Deliveries to webhook {Webhook} were interrupted ({Reason}); they are taken up again.")]
    private static partial void LogInterrupted(ILogger logger, Guid webhook, string reason);
}

/// <summary>Forgets deliveries that are long done or dead.</summary>
internal sealed class DeliveryRetention(IServiceScopeFactory scopes, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<DeliveryRetention> logger) : PeriodicJob(scopes, clock, logger)
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
        return await services.GetRequiredService<RwaDbContext>().Database.ExecuteSqlAsync(
            $"DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE status <> 'pending' AND finished_at < {oldest} LIMIT {Batch})", cancellationToken) == Batch;
    }
}
