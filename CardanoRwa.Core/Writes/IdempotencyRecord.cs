using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Writes;

/// <summary>The answer that a write under a client's key was given, stored in the transaction that did the work.</summary>
public sealed class IdempotencyRecord
{
    public required string Actor { get; init; }
    public required string Key { get; init; }

    /// <summary>SHA-256 of method, path and body; another request under the same key is refused.</summary>
    public required byte[] RequestHash { get; init; }

    public int StatusCode { get; init; }
    public string? Location { get; init; }
    public string? ETag { get; init; }
    public required byte[] Body { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class IdempotencyRecordConfiguration : IEntityTypeConfiguration<IdempotencyRecord>
{
    public void Configure(EntityTypeBuilder<IdempotencyRecord> record)
    {
        record.ToTable("idempotency_keys");
        record.HasKey(r => new { r.Actor, r.Key });
        record.Property(r => r.Actor).HasMaxLength(200).UseCollation("C");
        record.Property(r => r.Key).HasMaxLength(200).UseCollation("C");
        record.Property(r => r.ETag).HasColumnName("etag");
        record.HasIndex(r => r.CreatedAt);
    }
}
