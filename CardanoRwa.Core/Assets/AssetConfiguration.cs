using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Assets;

internal sealed class AssetConfiguration : IEntityTypeConfiguration<Asset>
{
    public void Configure(EntityTypeBuilder<Asset> asset)
    {
        asset.ToTable("assets", table =>
        {
            table.HasCheckConstraint("ck_assets_value", "value >= 0 AND value < 1e20 AND scale(value) <= 8");
            table.HasCheckConstraint("ck_assets_attributes", "jsonb_typeof(attributes) = 'object'");
        });
        // "C": an index on a libc collation can be silently corrupt after a restore on another operating system.
        asset.Property(a => a.ExternalId).HasMaxLength(200).UseCollation("C");
        asset.Property(a => a.Name).HasMaxLength(300).UseCollation("C");
        asset.Property(a => a.Kind).HasMaxLength(40).UseCollation("C");
        asset.Property(a => a.Jurisdiction).HasMaxLength(10).UseCollation("C");
        asset.Property(a => a.Value).HasColumnType("numeric");
        asset.Property(a => a.Currency).HasColumnType("char(3)").UseCollation("C");
        asset.Property(a => a.Status).HasConversion(WireNames.Converter<AssetStatus>()).HasMaxLength(10).UseCollation("C");
        asset.Property(a => a.Attributes).HasColumnType("jsonb");
        asset.Property(a => a.Version).IsConcurrencyToken();
        asset.HasGeneratedTsVectorColumn(a => a.Search, "simple", a => new { a.Name, a.ExternalId, a.Description });

        asset.HasIndex(a => a.ExternalId).IsUnique();
        asset.HasIndex(a => new { a.CreatedAt, a.Id }).IsDescending();
        asset.HasIndex(a => new { a.Value, a.Id });
        asset.HasIndex(a => new { a.Name, a.Id });
        asset.HasIndex(a => new { a.Kind, a.CreatedAt, a.Id }).IsDescending(false, true, true);
        asset.HasIndex(a => new { a.Jurisdiction, a.CreatedAt, a.Id }).IsDescending(false, true, true);
        asset.HasIndex(a => a.Attributes).HasMethod("gin").HasOperators("jsonb_path_ops");
        asset.HasIndex(a => a.Search).HasMethod("gin");
    }
}

internal sealed class ValuationConfiguration : IEntityTypeConfiguration<Valuation>
{
    public void Configure(EntityTypeBuilder<Valuation> valuation)
    {
        valuation.ToTable("valuations", table =>
            table.HasCheckConstraint("ck_valuations_value", "value >= 0 AND value < 1e20 AND scale(value) <= 8"));
        valuation.Property(v => v.Value).HasColumnType("numeric");
        valuation.Property(v => v.Currency).HasColumnType("char(3)").UseCollation("C");
        valuation.Property(v => v.Source).HasMaxLength(200);
        valuation.Property(v => v.CreatedBy).HasMaxLength(200);
        valuation.HasOne<Asset>().WithMany().HasForeignKey(v => v.AssetId).OnDelete(DeleteBehavior.Restrict);
        valuation.HasIndex(v => new { v.AssetId, v.AsOf, v.Id }).IsDescending(false, true, true);
    }
}
