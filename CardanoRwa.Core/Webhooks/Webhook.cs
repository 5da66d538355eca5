using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Webhooks;

/// <summary>Someone's address that is told of changes.</summary>
public sealed class Webhook : IAudited
{
    public Guid Id { get; init; }
    public required string Url { get; init; }

    /// <summary>Types or patterns, see <see cref="EventTypes.IsPattern"/>.</summary>
    public required string[] Events { get; init; }

    public string? Description { get; init; }

    /// <summary>The secret that deliveries are signed with, sealed.</summary>
    public required byte[] Secret { get; set; }

    /// <summary>The secret before, sealed; deliveries carry a signature by it too until <see cref="PreviousUntil"/>.</summary>
    public byte[]? PreviousSecret { get; set; }

    public DateTimeOffset? PreviousUntil { get; set; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The transaction that made it: what was committed later is told.</summary>
    public ulong TransactionId { get; init; }

    Guid? IAudited.AssetId => null;
    string IAudited.AuditName => "webhook";
}

internal sealed class WebhookConfiguration : IEntityTypeConfiguration<Webhook>
{
    public void Configure(EntityTypeBuilder<Webhook> webhook)
    {
        webhook.ToTable("webhooks");
        webhook.Property(w => w.Url).HasMaxLength(2_000);
        webhook.Property(w => w.Description).HasMaxLength(300);
        webhook.Property(w => w.CreatedBy).HasMaxLength(200);
        webhook.Property(w => w.TransactionId).HasColumnType("xid8").HasDefaultValueSql("pg_current_xact_id()");
    }
}
