using CardanoRwa.Core.Text;
using CardanoRwa.Core.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Compliance;

public enum ComplianceStatus
{
    Pending,
    Approved,
    Rejected,
    Expired,
}

/// <summary>One check of an asset: what was asked, who decided it, why, and until when it holds.</summary>
public sealed class ComplianceRecord : IAnnounced
{
    public Guid Id { get; init; }
    public Guid AssetId { get; init; }

    /// <summary>What is checked, such as 'title', 'kyc' or 'offering'.</summary>
    public required string Check { get; init; }

    public string? Jurisdiction { get; init; }
    public string? Note { get; init; }
    public ComplianceStatus Status { get; set; }
    public required string RequestedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public string? DecidedBy { get; set; }
    public string? Reason { get; set; }
    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>An approval no longer counts from this instant on; none: it holds until another decision.</summary>
    public DateTimeOffset? ValidUntil { get; set; }

    public int Version { get; set; } = 1;

    Guid? IAudited.AssetId => AssetId;
    string IAudited.AuditName => "compliance_record";

    Announcement? IAnnounced.Announce(object? before) => (before as ComplianceRecord)?.Status == Status
        ? null
        : new(Status == ComplianceStatus.Pending ? EventTypes.ComplianceRequested : $"compliance.{Status.Wire()}", new Dictionary<string, string?> { ["check"] = Check });

    /// <summary>The status as of <paramref name="now"/>: an approval past its end counts as expired even before the sweep has written it.</summary>
    public ComplianceStatus EffectiveStatus(DateTimeOffset now) =>
        Status == ComplianceStatus.Approved && ValidUntil <= now ? ComplianceStatus.Expired : Status;
}

internal sealed class ComplianceRecordConfiguration : IEntityTypeConfiguration<ComplianceRecord>
{
    public void Configure(EntityTypeBuilder<ComplianceRecord> record)
    {
        record.ToTable("compliance_records");
        record.Property(r => r.Check).HasColumnName("check_name").HasMaxLength(40).UseCollation("C");
        record.Property(r => r.Jurisdiction).HasMaxLength(10).UseCollation("C");
        record.Property(r => r.Status).HasConversion(WireNames.Converter<ComplianceStatus>()).HasMaxLength(10).UseCollation("C");
        record.Property(r => r.RequestedBy).HasMaxLength(200);
        record.Property(r => r.DecidedBy).HasMaxLength(200);
        record.Property(r => r.Version).IsConcurrencyToken();
        record.HasOne<Assets.Asset>().WithMany().HasForeignKey(r => r.AssetId).OnDelete(DeleteBehavior.Restrict);
        record.HasIndex(r => new { r.AssetId, r.Id }).IsDescending(false, true);
        record.HasIndex(r => r.ValidUntil).HasFilter("status = 'approved' AND valid_until IS NOT NULL");
    }
}
