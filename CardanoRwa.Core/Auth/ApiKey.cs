using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Auth;

/// <summary>A stored API key: only its hash is kept.</summary>
public sealed class ApiKey : IAudited
{
    public Guid Id { get; init; }
    public required string Name { get; init; }

    /// <summary>SHA-256 of the whole key. A plain hash is enough: a key carries 256 random bits.</summary>
    public required byte[] KeyHash { get; init; }

    public required string[] Roles { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; set; }

    Guid? IAudited.AssetId => null;
    string IAudited.AuditName => "api_key";
}

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> key)
    {
        key.ToTable("api_keys");
        key.Property(k => k.Name).HasMaxLength(100);
        key.HasIndex(k => k.KeyHash).IsUnique();
        key.HasIndex(k => k.Name).IsUnique();
    }
}
