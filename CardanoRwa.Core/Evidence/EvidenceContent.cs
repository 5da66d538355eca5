using CardanoRwa.Core.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Evidence;

/// <summary>Bytes in the object store, once however many entries name them. The hashes to check them by are kept here, apart from the bytes.</summary>
public sealed class EvidenceContent : IAnnounced
{
    /// <summary>The first half of the SHA-256.</summary>
    public Guid Id { get; init; }

    public required byte[] Sha256 { get; init; }
    public long Length { get; init; }
    public required string Cid { get; init; }

    /// <summary>SHA-256 of each chunk of 256 KiB, one after another.</summary>
    public required byte[] Leaves { get; init; }

    public DateTimeOffset StoredAt { get; init; }

    /// <summary>When the sweep last began to read it.</summary>
    public DateTimeOffset CheckedAt { get; init; }

    public DateTimeOffset? DamagedAt { get; set; }
    public string? Damage { get; set; }

    public string Key => KeyOf(Sha256);
    public static string KeyOf(ReadOnlySpan<byte> sha256) => $"evidence/{Convert.ToHexStringLower(sha256)}";
    public static Guid IdOf(ReadOnlySpan<byte> sha256) => new(sha256[..16], bigEndian: true);

    Guid? IAudited.AssetId => null;
    string IAudited.AuditName => "evidence_content";

    Announcement? IAnnounced.Announce(object? before) => before is not EvidenceContent was || was.DamagedAt == DamagedAt
        ? null
        : new(DamagedAt is null ? EventTypes.EvidenceRestored : EventTypes.EvidenceDamaged, new Dictionary<string, string?> { ["sha256"] = Convert.ToHexStringLower(Sha256) });
}

internal sealed class EvidenceContentConfiguration : IEntityTypeConfiguration<EvidenceContent>
{
    public void Configure(EntityTypeBuilder<EvidenceContent> content)
    {
        content.ToTable("evidence_contents");
        content.Ignore(c => c.Key);
        content.Property(c => c.Cid).HasMaxLength(80).UseCollation("C");
        content.Property(c => c.Damage).HasMaxLength(200);
        content.HasIndex(c => c.Sha256).IsUnique();
        content.HasIndex(c => c.CheckedAt);
    }
}
