using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace PlainApi;

/// <summary>The registry's own table, with its columns, constraints and indexes.</summary>
internal sealed class Asset
{
    public Guid Id { get; set; } = Guid.CreateVersion7();
    public string? ExternalId { get; set; }
    public string Name { get; set; } = "";
    public string Kind { get; set; } = "other";
    public string? Jurisdiction { get; set; }
    public string? Description { get; set; }
    public decimal Value { get; set; }
    public string Currency { get; set; } = "USD";
    public DateOnly ValueAsOf { get; set; } = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
    public string Status { get; set; } = "active";
    public string? RetiredReason { get; set; }

    [Column(TypeName = "jsonb")]
    public string Attributes { get; set; } = "{}";

    public DateTimeOffset CreatedAt { get; set; } = TimeProvider.System.GetUtcNow();
    public DateTimeOffset UpdatedAt { get; set; } = TimeProvider.System.GetUtcNow();
    public int Version { get; set; } = 1;
}

internal sealed class RegistryContext(DbContextOptions<RegistryContext> options) : DbContext(options)
{
    public DbSet<Asset> Assets => Set<Asset>();
}
