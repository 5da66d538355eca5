using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Auth;

/// <summary>
/// Somebody at the operator page. The browser has the token, this row its hash, so that a copy of the table lets nobody in; and the row is
/// unlogged, so that a restored copy of the database knows no session.
/// </summary>
public sealed class OpsSession : IAudited
{
    public Guid Id { get; init; }
    public required byte[] TokenHash { get; init; }
    public required string Actor { get; init; }
    public required string[] Roles { get; init; }

    /// <summary>The key it was opened with; null for the development key, which has no row.</summary>
    public Guid? KeyId { get; init; }

    public DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }

    Guid? IAudited.AssetId => null;
    string IAudited.AuditName => "ops_session";
}

internal sealed class OpsSessionConfiguration : IEntityTypeConfiguration<OpsSession>
{
    public void Configure(EntityTypeBuilder<OpsSession> session)
    {
        session.ToTable("ops_sessions");
        session.IsUnlogged();
        session.Property(s => s.Actor).HasMaxLength(200);
        session.HasIndex(s => s.TokenHash).IsUnique();
    }
}
