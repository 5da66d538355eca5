using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Audit;

/// <summary>Who changed what and when, with the hashes of the state before and after. Append-only: a trigger refuses anything else.</summary>
public sealed class AuditEntry
{
    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Actor { get; init; }

    /// <summary>Subject and verb, such as 'asset.created'.</summary>
    public required string Action { get; init; }

    public Guid SubjectId { get; init; }
    public Guid? AssetId { get; init; }

    /// <summary>SHA-256 of the subject's canonical JSON; null before creation.</summary>
    public byte[]? BeforeHash { get; init; }

    public byte[]? AfterHash { get; init; }

    /// <summary>What subscribers are told of this change; null: nothing.</summary>
    public string? Event { get; init; }

    /// <summary>The event's facts, a JSON object of texts.</summary>
    public string? EventData { get; init; }

    /// <summary>Drawn while the subject is locked, so the rows of one subject stand in the order of its changes. Gaps mean nothing.</summary>
    public long Sequence { get; init; }

    /// <summary>The transaction that wrote this row; readers of the change feed use it to see every commit exactly once.</summary>
    public ulong TransactionId { get; init; }
}

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.ToTable("audit");
        entry.Property(e => e.Actor).HasMaxLength(200);
        entry.Property(e => e.Action).HasMaxLength(60).UseCollation("C");
        entry.Property(e => e.TransactionId).HasColumnType("xid8").HasDefaultValueSql("pg_current_xact_id()");
        entry.Property(e => e.Event).HasMaxLength(60).UseCollation("C");
        entry.Property(e => e.EventData).HasColumnType("jsonb");
        entry.Property(e => e.Sequence).UseIdentityAlwaysColumn();
        entry.HasIndex(e => e.TransactionId);
        entry.HasIndex(e => new { e.AssetId, e.Id });
    }
}
