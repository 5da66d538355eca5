using CardanoRwa.Core.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Evidence;

/// <summary>A document that backs an asset: an entry of the asset's ordered log. Never changed once written.</summary>
public sealed class EvidenceItem : IAnnounced
{
    public Guid Id { get; init; }
    public Guid AssetId { get; init; }

    /// <summary>1-based place in the asset's log, without gaps.</summary>
    public int Position { get; init; }

    public required string Name { get; init; }
    public required string Kind { get; init; }
    public string? Description { get; init; }
    public required string MediaType { get; init; }

    /// <summary>Kept off IPFS, which is public; the log's root covers it all the same.</summary>
    public bool Confidential { get; init; }

    /// <summary>Random, for a confidential entry only: without it, who holds a copy of the document could find its leaf.</summary>
    public byte[]? Salt { get; init; }

    public Guid ContentId { get; init; }
    public EvidenceContent Content { get; init; } = null!;

    /// <summary>The entry's Merkle leaf: SHA-256 of 0x00 and the entry's canonical JSON.</summary>
    public required byte[] Leaf { get; init; }

    public required string UploadedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    Guid? IAudited.AssetId => AssetId;
    string IAudited.AuditName => "evidence";

    Announcement? IAnnounced.Announce(object? before) => before is not null ? null : new(EventTypes.EvidenceStored, new Dictionary<string, string?>
    {
        ["kind"] = Kind,
        ["position"] = Position.ToString(System.Globalization.CultureInfo.InvariantCulture),
    });
}

internal sealed class EvidenceItemConfiguration : IEntityTypeConfiguration<EvidenceItem>
{
    public void Configure(EntityTypeBuilder<EvidenceItem> item)
    {
        item.ToTable("evidence");
        item.Property(e => e.Name).HasMaxLength(300);
        item.Property(e => e.Kind).HasMaxLength(40).UseCollation("C");
        item.Property(e => e.MediaType).HasMaxLength(100).UseCollation("C");
        item.Property(e => e.UploadedBy).HasMaxLength(200);
        item.HasOne<Assets.Asset>().WithMany().HasForeignKey(e => e.AssetId).OnDelete(DeleteBehavior.Restrict);
        item.HasOne(e => e.Content).WithMany().HasForeignKey(e => e.ContentId).OnDelete(DeleteBehavior.Restrict);
        item.HasIndex(e => new { e.AssetId, e.Position }).IsUnique();
        item.HasIndex(e => new { e.AssetId, e.ContentId }).IsUnique();
        item.HasIndex(e => new { e.AssetId, e.Id }).IsDescending(false, true);
    }
}
