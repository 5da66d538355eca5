using System.Text.Json;
using CardanoRwa.Api.Assets;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Api.Webhooks;

internal static class WebhookEndpoints
{
    public static RouteGroupBuilder MapWebhooks(this RouteGroupBuilder v1)
    {
        var webhooks = v1.MapGroup("/webhooks").WithTags("Webhooks").Operates();
        webhooks.MapPost("/", Create).WithSummary("Asks to be told of changes; the answer shows the signing secret, once.").Produces<WebhookView>(201).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422);
        webhooks.MapGet("/", List).WithSummary("All webhooks.");
        webhooks.MapGet("/{webhookId:guid}", Get).WithSummary("One webhook.").ProducesProblem(404);
        webhooks.MapDelete("/{webhookId:guid}", Delete).WithSummary("Ends a webhook and what was still to be delivered to it.").Produces<WebhookView>().ProducesProblem(404);
        webhooks.MapPost("/{webhookId:guid}/rotate-secret", Rotate).WithSummary("Makes a new secret, shown once; the old one signs too for a while.").Produces<WebhookView>().ProducesProblem(404);
        webhooks.MapPost("/{webhookId:guid}/ping", Ping).WithSummary("Sends a test event.").Produces<DeliveryView>(202).ProducesProblem(404);
        webhooks.MapGet("/dead-letters", DeadLetters).WithSummary("Deliveries that were given up, newest first.").ProducesProblem(400);
        webhooks.MapPost("/dead-letters/{deliveryId:guid}/redeliver", Redeliver).WithSummary("Begins to try a dead letter again.").Produces<DeliveryView>(202).ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Written, ProblemHttpResult>> Create(CreateWebhook input, WriteContext write, RegistryWriter writer, WebhookDesk desk, WebhookTargets targets, SecretSeal seal, CancellationToken cancellationToken)
    {
        if ((input.Validate() ?? await targets.CheckAsync(input.Url, cancellationToken)) is { } refusal)
        {
            return refusal.ToProblem();
        }
        return await WithSecretAsync(write, writer, seal, 201, (secret, stamp, token) => desk.CreateAsync(input, secret, stamp, token), cancellationToken);
    }

    private static async Task<Ok<WebhookPage>> List(RwaDbContext db, CancellationToken cancellationToken)
    {
        var webhooks = await db.Webhooks.AsNoTracking().OrderByDescending(w => w.Id).ToListAsync(cancellationToken);
        return TypedResults.Ok(new WebhookPage([.. webhooks.Select(w => WebhookView.Of(w))]));
    }

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> Get(Guid webhookId, RwaDbContext db, CancellationToken cancellationToken) =>
        await db.Webhooks.AsNoTracking().SingleOrDefaultAsync(w => w.Id == webhookId, cancellationToken) is { } webhook ? TypedResults.Ok(WebhookView.Of(webhook)) : WebhookDesk.NotFound(webhookId).ToProblem();

    private static Task<Results<Written, ProblemHttpResult>> Delete(Guid webhookId, WriteContext write, WebhookDesk desk, CancellationToken cancellationToken) =>
        write.ExecuteAsync((_, token) => desk.DeleteAsync(webhookId, token), webhook => Present(webhook, 200), cancellationToken);

    private static Task<Results<Written, ProblemHttpResult>> Rotate(Guid webhookId, WriteContext write, RegistryWriter writer, WebhookDesk desk, SecretSeal seal, CancellationToken cancellationToken) =>
        WithSecretAsync(write, writer, seal, 200, (secret, stamp, token) => desk.RotateAsync(webhookId, secret, stamp, token), cancellationToken);

    private static Task<Results<Written, ProblemHttpResult>> Ping(Guid webhookId, WriteContext write, WebhookDesk desk, CancellationToken cancellationToken) =>
        write.ExecuteAsync((stamp, token) => desk.PingAsync(webhookId, stamp, token), Present, cancellationToken);

    private static async Task<Results<Ok<DeliveryPage>, ProblemHttpResult>> DeadLetters(string? limit, string? cursor, RwaDbContext db, CancellationToken cancellationToken)
    {
        if (KeysetPage.Parse(limit, cursor).IsRefused(out var refusal, out var page))
        {
            return refusal.ToProblem();
        }
        var rows = await db.WebhookDeliveries.AsNoTracking().Where(d => d.Status == DeliveryStatus.Dead && d.Id < page.BeforeId).OrderByDescending(d => d.Id).Take(page.Limit + 1).ToListAsync(cancellationToken);
        var (items, next) = page.Cut(rows, d => (DateOnly.MaxValue, d.Id));
        return TypedResults.Ok(new DeliveryPage([.. items.Select(DeliveryView.Of)], next));
    }

    private static Task<Results<Written, ProblemHttpResult>> Redeliver(Guid deliveryId, WriteContext write, WebhookDesk desk, CancellationToken cancellationToken) =>
        write.ExecuteAsync((stamp, token) => desk.RedeliverAsync(deliveryId, stamp, token), Present, cancellationToken);

    /// <summary>The secret goes to the client and, sealed, to its row; the answer that is kept under the request's key is without it.</summary>
    private static async Task<Results<Written, ProblemHttpResult>> WithSecretAsync(
        WriteContext write, RegistryWriter writer, SecretSeal seal, int status, Func<string, ChangeStamp, CancellationToken, Task<Result<Webhook>>> change, CancellationToken cancellationToken)
    {
        if (!seal.IsConfigured)
        {
            return Refusals.Problem(503, "webhooks_not_configured", "This deployment has no key to seal secrets with.", "Ask its operator to set Webhooks__SealingKey.");
        }
        var secret = WebhookDesk.NewSecret();
        Webhook? made = null;
        var result = await writer.ExecuteAsync(write.Request, async (stamp, token) =>
        {
            var webhook = await change(secret, stamp, token);
            made = webhook.Value;
            return webhook;
        }, webhook => Present(webhook, status), cancellationToken);
        if (result.IsRefused(out var refusal, out var response))
        {
            return refusal.ToProblem();
        }
        return new Written(response.Replayed ? response : response with { Body = Body(made!, secret) });
    }

    private static WriteResponse Present(Webhook webhook, int status) => new(status, Body(webhook, null), status == 201 ? $"/api/v1/webhooks/{webhook.Id}" : null);

    private static byte[] Body(Webhook webhook, string? secret) => JsonSerializer.SerializeToUtf8Bytes(WebhookView.Of(webhook, secret), RegistryJson.Default.WebhookView);

    private static WriteResponse Present(WebhookDelivery delivery) => new(202, JsonSerializer.SerializeToUtf8Bytes(DeliveryView.Of(delivery), RegistryJson.Default.DeliveryView));
}
