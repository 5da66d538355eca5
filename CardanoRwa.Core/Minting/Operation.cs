using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Minting;

public enum OperationKind
{
    Mint,
    Burn,
}

public enum OperationState
{
    /// <summary>A second person must approve it.</summary>
    AwaitingApproval,

    /// <summary>In no transaction that could still land.</summary>
    Queued,

    /// <summary>Its transaction is made and lacks signatures of keys kept elsewhere.</summary>
    AwaitingSignatures,

    /// <summary>Its transaction is complete; whether the chain has heard of it is open.</summary>
    Signed,

    /// <summary>The chain took its transaction, or has it in a block that is not deep enough yet.</summary>
    Submitted,

    Confirmed,

    /// <summary>It will never happen, for <see cref="Operation.FailureReason"/>.</summary>
    Failed,
}

/// <summary>One acknowledged mint or burn, from request to the chain. It happens once, or it fails with a reason.</summary>
public sealed class Operation : IAnnounced
{
    public Guid Id { get; init; }
    public Guid AssetId { get; init; }
    public OperationKind Kind { get; init; }

    /// <summary>Tokens in their smallest unit, 1 or more.</summary>
    public long Quantity { get; init; }

    /// <summary>Who gets what is minted, bech32; null: the issuer's treasury. Burns take from the treasury.</summary>
    public string? Recipient { get; init; }

    /// <summary>Where the recipient is, for the compliance gate; null: the asset's jurisdiction.</summary>
    public string? Jurisdiction { get; init; }

    public OperationState State { get; set; }

    /// <summary>The transaction that carries it now.</summary>
    public string? TransactionId { get; set; }

    /// <summary>
    /// Set when an earlier transaction was given up: an input of that one, which the next must spend or descend from, so
    /// that the ledger itself keeps the two from both landing.
    /// </summary>
    public string? Anchor { get; set; }

    /// <summary>In a transaction of its own, because one that it shared was refused.</summary>
    public bool Alone { get; set; }

    /// <summary>Transactions given up so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Not taken up before this.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Merkle root of the asset's evidence when it was asked for, 64 hex digits.</summary>
    public string? EvidenceRoot { get; init; }

    /// <summary>CID of the evidence's manifest.</summary>
    public string? EvidenceCid { get; init; }

    public string? FailureCode { get; set; }
    public string? FailureReason { get; set; }
    public required string RequestedBy { get; init; }

    /// <summary>SHA-256 of the request, so that its key can never stand for another; null for one that was read back from the chain.</summary>
    public byte[]? RequestHash { get; init; }

    public string? DecidedBy { get; set; }
    public string? DecisionReason { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? SubmittedAt { get; set; }
    public DateTimeOffset? ConfirmedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public int Version { get; set; } = 1;

    public bool IsOver => State is OperationState.Confirmed or OperationState.Failed;

    Guid? IAudited.AssetId => AssetId;
    string IAudited.AuditName => "operation";

    Announcement? IAnnounced.Announce(object? before) => (before as Operation)?.State == State
        ? null
        : new($"operation.{State.Wire()}", new Dictionary<string, string?> { ["transactionId"] = TransactionId });

    public void Move(OperationState state, DateTimeOffset at)
    {
        State = state;
        UpdatedAt = at;
        Version++;
    }

    public void Fail(string code, string reason, DateTimeOffset at)
    {
        (FailureCode, FailureReason, TransactionId, Anchor) = (code, reason, null, null);
        Move(OperationState.Failed, at);
    }
}

internal sealed class OperationConfiguration : IEntityTypeConfiguration<Operation>
{
    public void Configure(EntityTypeBuilder<Operation> operation)
    {
        operation.ToTable("operations");
        operation.Property(o => o.Id).ValueGeneratedNever();
        operation.Property(o => o.Kind).HasConversion(WireNames.Converter<OperationKind>()).HasMaxLength(10).UseCollation("C");
        operation.Property(o => o.State).HasConversion(WireNames.Converter<OperationState>()).HasMaxLength(20).UseCollation("C");
        operation.Property(o => o.Recipient).HasMaxLength(130).UseCollation("C");
        operation.Property(o => o.Jurisdiction).HasMaxLength(10).UseCollation("C");
        operation.Property(o => o.TransactionId).HasMaxLength(64).UseCollation("C");
        operation.Property(o => o.Anchor).HasMaxLength(70).UseCollation("C");
        operation.Property(o => o.EvidenceRoot).HasMaxLength(64).UseCollation("C");
        operation.Property(o => o.EvidenceCid).HasMaxLength(100).UseCollation("C");
        operation.Property(o => o.FailureCode).HasMaxLength(60).UseCollation("C");
        operation.Property(o => o.RequestedBy).HasMaxLength(200);
        operation.Property(o => o.DecidedBy).HasMaxLength(200);
        operation.Property(o => o.Version).IsConcurrencyToken();
        operation.HasOne<Token>().WithMany().HasForeignKey(o => o.AssetId).OnDelete(DeleteBehavior.Restrict);
        operation.HasIndex(o => new { o.AssetId, o.CreatedAt, o.Id });
        operation.HasIndex(o => new { o.CreatedAt, o.Id }).HasFilter("state = 'queued'").HasDatabaseName("ix_operations_queued");
        operation.HasIndex(o => o.TransactionId).HasFilter("transaction_id IS NOT NULL");
    }
}
