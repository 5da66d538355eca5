using System.Text.Json.Serialization;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Webhooks;

/// <summary>Asks to be told of changes.</summary>
/// <param name="Url">Where they are POSTed: https.</param>
/// <param name="Events">Event types such as 'operation.confirmed', 'operation.*' for all of a subject, '*' for all.</param>
/// <param name="Description">Up to 300 characters.</param>
public sealed record CreateWebhook(string? Url, IReadOnlyList<string>? Events, string? Description = null)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        errors.Line("url", Url, max: 2_000, min: 1);
        errors.Line("description", Description, max: 300);
        if (Events is not { Count: >= 1 and <= 50 })
        {
            errors.Add("events", "must be 1 to 50 event types");
        }
        else if (Events.Any(e => e is null || !EventTypes.IsPattern(e)))
        {
            errors.Add("events", $"must each be '*', 'SUBJECT.*' or one of {string.Join(", ", EventTypes.All)}");
        }
        return errors.ToRefusal();
    }
}

/// <param name="Secret">Only in the answer that made it; it cannot be shown again.</param>
/// <param name="PreviousSecretUntil">Until when deliveries are signed by the secret before as well.</param>
public sealed record WebhookView(
    Guid Id, string Url, IReadOnlyList<string> Events, string? Description,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret,
    DateTimeOffset? PreviousSecretUntil, string CreatedBy, DateTimeOffset CreatedAt)
{
    public static WebhookView Of(Webhook w, string? secret = null) => new(w.Id, w.Url, w.Events, w.Description, secret, w.PreviousUntil, w.CreatedBy, w.CreatedAt);
}

public sealed record WebhookPage(IReadOnlyList<WebhookView> Items);

/// <summary>A delivery that was given up, or is tried again.</summary>
/// <param name="Id">Of the delivery.</param>
/// <param name="LastStatus">The receiver's last HTTP status, if it gave one.</param>
/// <param name="Since">When trying began.</param>
public sealed record DeliveryView(
    Guid Id, Guid WebhookId, Guid EventId, string EventType, Guid SubjectId, string Status, int Attempts, int? LastStatus, string? LastError, DateTimeOffset Since, DateTimeOffset? FinishedAt)
{
    public static DeliveryView Of(WebhookDelivery d) =>
        new(d.Id, d.WebhookId, d.EventId, d.EventType, d.SubjectId, d.Status.Wire(), d.Attempts, d.LastStatus, d.LastError, d.Since, d.FinishedAt);
}

public sealed record DeliveryPage(IReadOnlyList<DeliveryView> Items, string? Next);

/// <summary>The body of a test event.</summary>
public sealed record PingEvent(Guid Id, string Type, DateTimeOffset At, Guid SubjectId);
