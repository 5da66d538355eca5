using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Webhooks;

/// <summary>Makes, changes and ends webhooks; the writer saves.</summary>
public sealed class WebhookDesk(RwaDbContext db, SecretSeal seal, IOptions<WebhookOptions> options)
{
    public static string NewSecret() => "whsec_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public async Task<Result<Webhook>> CreateAsync(CreateWebhook input, string secret, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await db.Webhooks.CountAsync(cancellationToken) >= options.Value.Most)
        {
            return new Refusal(RefusalKind.Conflict, "webhook_limit", $"There are {options.Value.Most} webhooks, the most there may be.", "Delete one that is no longer used.");
        }
        var webhook = new Webhook
        {
            Id = stamp.EntityId,
            Url = input.Url!,
            Events = [.. input.Events!.Distinct(StringComparer.Ordinal)],
            Description = input.Description,
            Secret = seal.Seal(stamp.EntityId, secret),
            CreatedBy = stamp.Actor,
            CreatedAt = stamp.At,
        };
        db.Webhooks.Add(webhook);
        return webhook;
    }

    /// <summary>The old secret signs beside the new one for a while, so that a receiver can change over without losing a delivery.</summary>
    public async Task<Result<Webhook>> RotateAsync(Guid id, string secret, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await LockAsync(id, cancellationToken) is not { } webhook)
        {
            return NotFound(id);
        }
        webhook.PreviousSecret = webhook.Secret;
        webhook.PreviousUntil = ChangeStamp.Microseconds(stamp.At + options.Value.RotationOverlap);
        webhook.Secret = seal.Seal(id, secret);
        return webhook;
    }

    /// <summary>What was still to be delivered goes with it.</summary>
    public async Task<Result<Webhook>> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await LockAsync(id, cancellationToken) is not { } webhook)
        {
            return NotFound(id);
        }
        db.Webhooks.Remove(webhook);
        return webhook;
    }

    /// <summary>A test event for one receiver, delivered like any other.</summary>
    public async Task<Result<WebhookDelivery>> PingAsync(Guid id, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await LockAsync(id, cancellationToken) is null)
        {
            return NotFound(id);
        }
        if (await db.WebhookDeliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == stamp.EntityId, cancellationToken) is { } sent)
        {
            return sent; // by an earlier attempt of this very change, which left no audit row to be known by
        }
        var delivery = new WebhookDelivery
        {
            Id = stamp.EntityId,
            WebhookId = id,
            EventId = stamp.EntityId,
            EventType = EventTypes.Ping,
            SubjectId = stamp.EntityId,
            Body = JsonSerializer.Serialize(new PingEvent(stamp.EntityId, EventTypes.Ping, stamp.At, id), RegistryJson.Default.PingEvent),
            NextAt = stamp.At,
            Since = stamp.At,
        };
        db.WebhookDeliveries.Add(delivery);
        return delivery;
    }

    /// <summary>Begins to try a dead letter again, as if it were new.</summary>
    public async Task<Result<WebhookDelivery>> RedeliverAsync(Guid id, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var letter = await db.WebhookDeliveries.FromSql($"SELECT * FROM webhook_deliveries WHERE id = {id} FOR NO KEY UPDATE").AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (letter is null)
        {
            return new Refusal(RefusalKind.NotFound, "dead_letter_not_found", $"There is no dead letter {id}.", "List them with GET /api/v1/webhooks/dead-letters.");
        }
        if (letter.Status == DeliveryStatus.Dead)
        {
            await db.Database.ExecuteSqlAsync($"UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_at = {stamp.At}, since = {stamp.At}, finished_at = NULL WHERE id = {id}", cancellationToken);
        }
        return await db.WebhookDeliveries.AsNoTracking().SingleAsync(d => d.Id == id, cancellationToken);
    }

    public static Refusal NotFound(Guid id) => new(RefusalKind.NotFound, "webhook_not_found", $"There is no webhook {id}.", "List them with GET /api/v1/webhooks.");

    private Task<Webhook?> LockAsync(Guid id, CancellationToken cancellationToken) =>
        db.Webhooks.FromSql($"SELECT * FROM webhooks WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
}
