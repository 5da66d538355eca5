using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Webhooks;

public enum DeliveryStatus
{
    Pending,
    Delivered,
    Dead,
}

/// <summary>One event on its way to one receiver.</summary>
public sealed class WebhookDelivery
{
    public Guid Id { get; init; }
    public Guid WebhookId { get; init; }

    /// <summary>The same for every receiver and every try: what receivers know repeats by.</summary>
    public Guid EventId { get; init; }

    public required string EventType { get; init; }

    /// <summary>What the event is about; its events reach a receiver in their order.</summary>
    public Guid SubjectId { get; init; }

    public long Sequence { get; init; }

    /// <summary>The body as it is signed and sent, always the same bytes.</summary>
    public required string Body { get; init; }

    public DeliveryStatus Status { get; init; }
    public int Attempts { get; init; }

    /// <summary>When it is tried next; moved on when a worker takes it, so that a dead worker's delivery comes back.</summary>
    public DateTimeOffset NextAt { get; init; }

    /// <summary>When trying began, or began again by hand.</summary>
    public DateTimeOffset Since { get; init; }

    public int? LastStatus { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
}

internal sealed class WebhookDeliveryConfiguration : IEntityTypeConfiguration<WebhookDelivery>
{
    public void Configure(EntityTypeBuilder<WebhookDelivery> delivery)
    {
        delivery.ToTable("webhook_deliveries");
        delivery.Property(d => d.EventType).HasMaxLength(60).UseCollation("C");
        delivery.Property(d => d.Status).HasConversion(WireNames.Converter<DeliveryStatus>()).HasMaxLength(10).UseCollation("C");
        delivery.Property(d => d.LastError).HasMaxLength(300);
        delivery.HasOne<Webhook>().WithMany().HasForeignKey(d => d.WebhookId).OnDelete(DeleteBehavior.Cascade);
        // A feed that runs again after a lost commit cannot double an event.
        delivery.HasIndex(d => new { d.WebhookId, d.EventId }).IsUnique();
        delivery.HasIndex(d => new { d.WebhookId, d.SubjectId, d.Sequence }).HasFilter("status = 'pending'");
        delivery.HasIndex(d => new { d.WebhookId, d.NextAt }).HasFilter("status = 'pending'").HasDatabaseName("ix_webhook_deliveries_due");
        delivery.HasIndex(d => d.Id).IsDescending().HasFilter("status = 'dead'").HasDatabaseName("ix_webhook_deliveries_dead");
        delivery.HasIndex(d => d.FinishedAt).HasFilter("status <> 'pending'");
    }
}

/// <summary>How far the audit table has been told: every transaction below the position.</summary>
public sealed class WebhookFeedPosition
{
    public int Id { get; init; }
    public ulong Position { get; init; }
}

internal sealed class WebhookFeedPositionConfiguration : IEntityTypeConfiguration<WebhookFeedPosition>
{
    public void Configure(EntityTypeBuilder<WebhookFeedPosition> position)
    {
        position.ToTable("webhook_feed");
        position.Property(p => p.Id).ValueGeneratedNever();
        position.Property(p => p.Position).HasColumnType("xid8");
    }
}
