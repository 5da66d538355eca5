using CardanoRwa.Core.Text;
using CardanoRwa.Core.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Evidence;

public enum PinStatus
{
    Pending,
    Pinned,
    Failed,
}

/// <summary>A file that is to be on IPFS: a public document's bytes, or an asset's manifest at one length of its log.</summary>
public sealed class EvidencePin : IAnnounced
{
    public Guid Id { get; init; }

    /// <summary>The asset that asked first.</summary>
    public Guid? AssetId { get; init; }

    /// <summary>The CID computed here.</summary>
    public required string Cid { get; init; }

    /// <summary>The bytes in the object store; null for a manifest.</summary>
    public Guid? ContentId { get; init; }

    /// <summary>Entries of the manifest; null for a document.</summary>
    public int? ManifestCount { get; init; }

    public PinStatus Status { get; set; }
    public int Attempts { get; set; }

    /// <summary>When it is tried next; moved on when a worker takes it, so that a dead worker's pin comes back.</summary>
    public DateTimeOffset NextAt { get; set; }

    public string? Reason { get; set; }
    public DateTimeOffset? PinnedAt { get; set; }

    /// <summary>The name it goes by at the service: another CID of the same bytes where the service makes its blocks otherwise.</summary>
    public string? PinnedAs { get; set; }

    Guid? IAudited.AssetId => AssetId;
    string IAudited.AuditName => "pin";

    Announcement? IAnnounced.Announce(object? before) => before is not EvidencePin was || was.Status == Status || Status == PinStatus.Pending
        ? null
        : new(Status == PinStatus.Pinned ? EventTypes.EvidencePinned : EventTypes.EvidencePinFailed, new Dictionary<string, string?> { ["cid"] = PinnedAs ?? Cid });
}

internal sealed class EvidencePinConfiguration : IEntityTypeConfiguration<EvidencePin>
{
    public void Configure(EntityTypeBuilder<EvidencePin> pin)
    {
        pin.ToTable("evidence_pins");
        pin.Property(p => p.Cid).HasMaxLength(80).UseCollation("C");
        pin.Property(p => p.PinnedAs).HasMaxLength(80).UseCollation("C");
        pin.Property(p => p.Reason).HasMaxLength(300);
        pin.Property(p => p.Status).HasConversion(WireNames.Converter<PinStatus>()).HasMaxLength(10).UseCollation("C");
        pin.HasOne<EvidenceContent>().WithMany().HasForeignKey(p => p.ContentId).OnDelete(DeleteBehavior.Restrict);
        pin.HasIndex(p => p.Cid).IsUnique();
        pin.HasIndex(p => p.NextAt).HasFilter("status <> 'pinned'");
    }
}
