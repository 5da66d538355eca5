using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Webhooks;

/// <summary>Takes due deliveries, sends them and writes down what became of them. Workers share the table without a word between them.</summary>
public sealed partial class WebhookOutbox(IServiceScopeFactory scopes, WebhookSender sender, WebhookMetrics metrics, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookOutbox> logger)
{
    /// <summary>Receivers for whom something is due.</summary>
    public async Task<List<Guid>> DueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = clock.GetUtcNow();
        return await scope.ServiceProvider.GetRequiredService<RwaDbContext>().Webhooks
            .FromSql($"SELECT * FROM webhooks w WHERE EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.status = 'pending' AND d.next_at <= {now})")
            .Select(w => w.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Sends a receiver what is due, a few at a time.</summary>
    /// <returns>False when nothing could be taken.</returns>
    public async Task<bool> DeliverAsync(Guid webhookId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RwaDbContext>();
        var webhook = await db.Webhooks.AsNoTracking().SingleOrDefaultAsync(w => w.Id == webhookId, cancellationToken);
        var taken = webhook is null ? [] : await TakeAsync(db, webhookId, cancellationToken);
        await Task.WhenAll(taken.Select(d => SendAsync(webhook!, d, cancellationToken)));
        return taken.Count > 0;
    }

    /// <summary>Of each subject only the oldest that is not done: its events arrive in their order.</summary>
    private async Task<List<WebhookDelivery>> TakeAsync(RwaDbContext db, Guid webhookId, CancellationToken cancellationToken)
    {
        var now = ChangeStamp.Microseconds(clock.GetUtcNow());
        // Longer than a try can take; after it the delivery is taken for abandoned.
        var back = now + options.Value.Timeout + TimeSpan.FromSeconds(30);
        return await db.WebhookDeliveries.FromSql($"""
            UPDATE webhook_deliveries t SET attempts = t.attempts + 1, next_at = {back}
            FROM (SELECT d.id FROM webhook_deliveries d
                  WHERE d.webhook_id = {webhookId} AND d.status = 'pending' AND d.next_at <= {now}
                    AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE e.webhook_id = d.webhook_id AND e.subject_id = d.subject_id AND e.status = 'pending' AND e.sequence < d.sequence)
                  ORDER BY d.next_at LIMIT {options.Value.Parallel} FOR UPDATE SKIP LOCKED) due
            WHERE t.id = due.id RETURNING t.*
            """).AsNoTracking().ToListAsync(cancellationToken);
    }

    private async Task SendAsync(Webhook webhook, WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        var outcome = await sender.SendAsync(webhook, delivery, cancellationToken);
        var now = ChangeStamp.Microseconds(clock.GetUtcNow());
        if (outcome.Succeeded)
        {
            metrics.Delivered(now - delivery.Since);
            await SettleAsync(delivery, "delivered", now, outcome);
        }
        else if (delivery.Attempts >= options.Value.MostAttempts || now - delivery.Since >= options.Value.GiveUpAfter)
        {
            metrics.Failed(dead: true);
            LogDead(logger, delivery.Id, delivery.EventType, webhook.Id, delivery.Attempts, outcome.Error!);
            await SettleAsync(delivery, "dead", now, outcome);
        }
        else
        {
            metrics.Failed(dead: false);
            await SettleAsync(delivery, "pending", now + Wait(delivery.Attempts), outcome);
        }
    }

    /// <summary>Only for the try that was taken: one that came back meanwhile belongs to someone else.</summary>
    private async Task SettleAsync(WebhookDelivery delivery, string status, DateTimeOffset at, SendOutcome outcome)
    {
        await using var scope = scopes.CreateAsyncScope();
        DateTimeOffset? finished = status == "pending" ? null : at;
        await scope.ServiceProvider.GetRequiredService<RwaDbContext>().Database.ExecuteSqlAsync($"""
            UPDATE webhook_deliveries SET status = {status}, next_at = {at}, finished_at = {finished}, last_status = {outcome.Status}, last_error = {outcome.Error}
            WHERE id = {delivery.Id} AND attempts = {delivery.Attempts} AND status = 'pending'
            """, CancellationToken.None);
    }

    private TimeSpan Wait(int attempts) => TimeSpan.FromTicks((long)(Math.Min(
        options.Value.LongestRetry.Ticks, options.Value.FirstRetry.Ticks * Math.Pow(2, Math.Min(attempts - 1, 30))) * (0.8 + Random.Shared.NextDouble() * 0.4)));

    [LoggerMessage(2601, LogLevel.Error, "Delivery {Delivery} of {EventType} to webhook {Webhook} was given up after {Attempts} tries ({Reason}); see GET /api/v1/webhooks/dead-letters.")]
    private static partial void LogDead(ILogger logger, Guid delivery, string eventType, Guid webhook, int attempts, string reason);
}
