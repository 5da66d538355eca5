using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Status;

public enum IncidentState
{
    Investigating,
    Identified,
    Monitoring,
    Resolved,
}

public enum IncidentImpact
{
    /// <summary>Hardly anyone notices.</summary>
    Minor,

    /// <summary>Something is slow or missing.</summary>
    Major,

    /// <summary>The platform cannot be used.</summary>
    Critical,
}

/// <summary>What operators tell the public about a disturbance. Its updates are never changed.</summary>
public sealed class Incident : IAudited
{
    public Guid Id { get; init; }
    public required string Title { get; init; }
    public IncidentImpact Impact { get; init; }
    public IncidentState State { get; set; }

    /// <summary>Names of <see cref="Components"/>.</summary>
    public required string[] Affected { get; init; }

    public required string DeclaredBy { get; init; }
    public DateTimeOffset DeclaredAt { get; init; }
    public DateTimeOffset? ResolvedAt { get; set; }
    public List<IncidentUpdate> Updates { get; } = [];

    Guid? IAudited.AssetId => null;
    string IAudited.AuditName => "incident";
}

public sealed class IncidentUpdate : IAudited
{
    public Guid Id { get; init; }
    public Guid IncidentId { get; init; }

    /// <summary>What it was from then on.</summary>
    public IncidentState State { get; init; }

    public required string Message { get; init; }

    /// <summary>For the audit; the public is not told who.</summary>
    public required string Author { get; init; }

    public DateTimeOffset At { get; init; }

    Guid? IAudited.AssetId => null;
    string IAudited.AuditName => "incident_update";
}

internal sealed class IncidentConfiguration : IEntityTypeConfiguration<Incident>, IEntityTypeConfiguration<IncidentUpdate>
{
    public void Configure(EntityTypeBuilder<Incident> incident)
    {
        incident.ToTable("incidents");
        incident.Property(i => i.Title).HasMaxLength(200);
        incident.Property(i => i.Impact).HasMaxLength(20).UseCollation("C").HasConversion(WireNames.Converter<IncidentImpact>());
        incident.Property(i => i.State).HasMaxLength(20).UseCollation("C").HasConversion(WireNames.Converter<IncidentState>());
        incident.Property(i => i.DeclaredBy).HasMaxLength(200);
        incident.HasMany(i => i.Updates).WithOne().HasForeignKey(u => u.IncidentId).OnDelete(DeleteBehavior.Restrict);
        incident.HasIndex(i => i.Id).IsDescending().HasFilter("state <> 'resolved'").HasDatabaseName("ix_incidents_open");
        incident.HasIndex(i => i.ResolvedAt);
    }

    public void Configure(EntityTypeBuilder<IncidentUpdate> update)
    {
        update.ToTable("incident_updates");
        update.Property(u => u.Id).ValueGeneratedNever();
        update.Property(u => u.State).HasMaxLength(20).UseCollation("C").HasConversion(WireNames.Converter<IncidentState>());
        update.Property(u => u.Message).HasMaxLength(2_000);
        update.Property(u => u.Author).HasMaxLength(200);
    }
}
