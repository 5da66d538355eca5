using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Imports;

public enum ImportStatus
{
    Running,
    Completed,
    Cancelled,
    Failed,
}

/// <summary>An import's progress. Counts move with the transaction that stored the rows they count.</summary>
public sealed class ImportRun
{
    public Guid Id { get; init; }
    public required string Actor { get; init; }
    public ImportStatus Status { get; set; }
    public int Rows { get; set; }
    public int Created { get; set; }
    public int Updated { get; set; }
    public int Valued { get; set; }
    public int Unchanged { get; set; }
    public int Failed { get; set; }
    public string? Fault { get; set; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>A row that was refused, and why.</summary>
public sealed class ImportFailure
{
    public Guid ImportId { get; init; }

    /// <summary>1-based, counted in records; a CSV header is not one.</summary>
    public int Row { get; init; }

    public string? ExternalId { get; init; }
    public required string Code { get; init; }
    public required string Detail { get; init; }
}

internal sealed class ImportRunConfiguration : IEntityTypeConfiguration<ImportRun>
{
    public void Configure(EntityTypeBuilder<ImportRun> run)
    {
        run.ToTable("import_runs");
        run.Property(r => r.Actor).HasMaxLength(200);
        run.Property(r => r.Status).HasConversion(WireNames.Converter<ImportStatus>()).HasMaxLength(10);
    }
}

internal sealed class ImportFailureConfiguration : IEntityTypeConfiguration<ImportFailure>
{
    public void Configure(EntityTypeBuilder<ImportFailure> failure)
    {
        failure.ToTable("import_failures");
        failure.HasKey(f => new { f.ImportId, f.Row });
        failure.HasOne<ImportRun>().WithMany().HasForeignKey(f => f.ImportId);
    }
}

/// <summary>A row that an asset already took in: the same row is never applied twice, however often a file is sent.</summary>
public sealed class ImportFingerprint
{
    public Guid AssetId { get; init; }

    /// <summary>SHA-256 of the mapped row.</summary>
    public required byte[] RowHash { get; init; }
}

internal sealed class ImportFingerprintConfiguration : IEntityTypeConfiguration<ImportFingerprint>
{
    public void Configure(EntityTypeBuilder<ImportFingerprint> fingerprint)
    {
        fingerprint.ToTable("import_fingerprints");
        fingerprint.HasKey(f => new { f.AssetId, f.RowHash });
        fingerprint.HasOne<Assets.Asset>().WithMany().HasForeignKey(f => f.AssetId);
    }
}
