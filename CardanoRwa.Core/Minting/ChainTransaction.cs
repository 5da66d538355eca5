using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Minting;

public enum TransactionStage
{
    /// <summary>Lacks signatures of keys kept elsewhere.</summary>
    AwaitingSignatures,

    /// <summary>Complete; no answer of the chain is on record.</summary>
    Signed,

    Submitted,

    /// <summary>In a block as deep as asked for. Watched on, because a deeper fork would bring it back.</summary>
    Confirmed,

    /// <summary>So deep that no fork can reach it; watched no more.</summary>
    Final,

    /// <summary>Given up: it can never land, or its replacement spends one of its inputs.</summary>
    Abandoned,
}

/// <summary>A transaction as it was signed. These bytes are the only ones ever sent under its id.</summary>
public sealed class ChainTransaction
{
    /// <summary>64 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>Order of making, counted under the builder's lock. Each lane transaction spends the change of the one before.</summary>
    public long Sequence { get; init; }

    /// <summary>Whether it stands in the lane; one that waits for signatures from elsewhere stands beside it and holds nobody up.</summary>
    public bool InLane { get; init; }

    public TransactionStage Stage { get; set; }

    /// <summary>CBOR.</summary>
    public required byte[] Bytes { get; set; }

    /// <summary>What it spends, as 'txid#index'.</summary>
    public required string[] Inputs { get; init; }

    /// <summary>First slot in which it can no longer be included.</summary>
    public long Ttl { get; init; }

    /// <summary>Lovelace.</summary>
    public long Fee { get; init; }

    public int Operations { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? SubmittedAt { get; set; }
    public int Submissions { get; set; }
    public DateTimeOffset NextCheckAt { get; set; }
    public string? BlockHash { get; set; }
    public long? BlockHeight { get; set; }
    public long? BlockSlot { get; set; }

    /// <summary>Blocks on it, its own included, when last looked at.</summary>
    public long Confirmations { get; set; }

    /// <summary>The tip's height when the ttl was first seen to be past.</summary>
    public long? ExpiredAtHeight { get; set; }

    /// <summary>The tip's height when its inputs were first said to be gone.</summary>
    public long? ConflictAtHeight { get; set; }

    /// <summary>What the chain said last, where it was not yes.</summary>
    public string? LastAnswer { get; set; }
}

/// <summary>Which operations a transaction carries or carried.</summary>
public sealed class TransactionOperation
{
    public required string TransactionId { get; init; }
    public Guid OperationId { get; init; }
}

internal sealed class ChainTransactionConfiguration : IEntityTypeConfiguration<ChainTransaction>
{
    public void Configure(EntityTypeBuilder<ChainTransaction> transaction)
    {
        transaction.ToTable("chain_transactions");
        transaction.Property(t => t.Id).HasMaxLength(64).UseCollation("C");
        transaction.Property(t => t.Stage).HasConversion(WireNames.Converter<TransactionStage>()).HasMaxLength(20).UseCollation("C");
        transaction.Property(t => t.BlockHash).HasMaxLength(64).UseCollation("C");
        transaction.HasIndex(t => t.Sequence).IsUnique();
        transaction.HasIndex(t => t.NextCheckAt).HasFilter("stage NOT IN ('final', 'abandoned')").HasDatabaseName("ix_chain_transactions_open");
        transaction.HasIndex(t => t.Sequence).HasFilter("stage IN ('signed', 'submitted')").HasDatabaseName("ix_chain_transactions_unconfirmed");
        transaction.HasIndex(t => t.Inputs).HasMethod("gin");
    }
}

internal sealed class TransactionOperationConfiguration : IEntityTypeConfiguration<TransactionOperation>
{
    public void Configure(EntityTypeBuilder<TransactionOperation> link)
    {
        link.ToTable("transaction_operations");
        link.HasKey(l => new { l.TransactionId, l.OperationId });
        link.Property(l => l.TransactionId).HasMaxLength(64).UseCollation("C");
        link.HasOne<ChainTransaction>().WithMany().HasForeignKey(l => l.TransactionId).OnDelete(DeleteBehavior.Restrict);
        link.HasOne<Operation>().WithMany().HasForeignKey(l => l.OperationId).OnDelete(DeleteBehavior.Restrict);
        link.HasIndex(l => l.OperationId);
    }
}
