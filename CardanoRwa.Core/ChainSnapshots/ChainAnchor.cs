using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.ChainSnapshots;

/// <summary>A snapshot whose root is to stand on the chain, or does.</summary>
public sealed class ChainAnchor : IAudited
{
    public Guid Id { get; init; }
    public required string SnapshotId { get; init; }

    /// <summary>64 hex digits.</summary>
    public required string Root { get; init; }

    /// <summary>The block that the snapshot is tied to.</summary>
    public long Height { get; init; }

    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>The transaction that carries it; null while it waits for one.</summary>
    public string? TransactionId { get; set; }

    /// <summary>Transactions given up so far.</summary>
    public int Attempts { get; set; }

    /// <summary>An input of the transaction that was given up, which the next must spend, so that the ledger lets only one of them land.</summary>
    public string? After { get; set; }

    Guid? IAudited.AssetId => null;
    string IAudited.AuditName => "chain_anchor";
}

internal sealed class ChainAnchorConfiguration : IEntityTypeConfiguration<ChainAnchor>
{
    public void Configure(EntityTypeBuilder<ChainAnchor> anchor)
    {
        anchor.ToTable("chain_anchors");
        anchor.Property(a => a.SnapshotId).HasMaxLength(60).UseCollation("C");
        anchor.Property(a => a.Root).HasMaxLength(64).UseCollation("C");
        anchor.Property(a => a.TransactionId).HasMaxLength(64).UseCollation("C");
        anchor.Property(a => a.After).HasMaxLength(70).UseCollation("C");
        anchor.HasIndex(a => a.SnapshotId).IsUnique();
        anchor.HasIndex(a => a.Id).HasFilter("transaction_id IS NULL").HasDatabaseName("ix_chain_anchors_waiting");
        anchor.HasIndex(a => a.TransactionId);
    }
}
