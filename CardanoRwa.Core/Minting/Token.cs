using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Minting;

/// <summary>How a token tells wallets what it is.</summary>
public enum TokenStandard
{
    /// <summary>No metadata on chain but the operation ids.</summary>
    Plain,

    /// <summary>Metadata in the minting transaction, label 721.</summary>
    Cip25,

    /// <summary>Metadata in the datum of a reference token that the issuer keeps.</summary>
    Cip68,
}

/// <summary>An asset's token: its minting policy, name, cap and metadata. One for an asset.</summary>
public sealed class Token : IAudited
{
    public Guid AssetId { get; init; }

    /// <summary>Blake2b-224 of the policy script, 56 hex digits.</summary>
    public required string PolicyId { get; set; }

    /// <summary>The native script, CBOR.</summary>
    public required byte[] PolicyScript { get; set; }

    /// <summary>Hex, without the CIP-67 label where the standard adds one.</summary>
    public required string AssetName { get; set; }

    public TokenStandard Standard { get; set; }

    /// <summary>What CIP-25 or CIP-68 shows, as JSON: name, image, description, decimals and the issuer's own fields.</summary>
    public string Metadata { get; set; } = "{}";

    /// <summary>The most that may be in circulation; null: no cap.</summary>
    public long? MaxSupply { get; set; }

    /// <summary>Whether every mint and burn waits for a second person.</summary>
    public bool RequiresApproval { get; set; }

    /// <summary>When the first mint was asked for; from then on policy, name and standard stand.</summary>
    public DateTimeOffset? FrozenAt { get; set; }

    /// <summary>The transaction that made the CIP-68 reference token.</summary>
    public string? ReferenceTransaction { get; set; }

    /// <summary>Sum of all mints that were acknowledged and have not failed.</summary>
    public long Minted { get; set; }

    /// <summary>Sum of all burns that were acknowledged and have not failed.</summary>
    public long Burning { get; set; }

    /// <summary>Sum of all burns that are confirmed.</summary>
    public long Burned { get; set; }

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public int Version { get; set; } = 1;

    Guid IAudited.Id => AssetId;
    Guid? IAudited.AssetId => AssetId;
    string IAudited.AuditName => "token";

    public NativeScript Script() => NativeScript.Decode(PolicyScript);

    /// <summary>The asset as it stands on the chain: what holders have.</summary>
    public AssetId Unit() => new(Hash28.Parse(PolicyId), TokenNames.OnChain(Standard, Cardano.Assets.AssetName.Parse(AssetName), TokenNames.IsSingle(this)));

    /// <summary>The CIP-68 reference token; null for other standards.</summary>
    public AssetId? ReferenceUnit() => Standard == TokenStandard.Cip68 ? new(Hash28.Parse(PolicyId), TokenNames.Reference(Cardano.Assets.AssetName.Parse(AssetName))) : null;
}

internal sealed class TokenConfiguration : IEntityTypeConfiguration<Token>
{
    public void Configure(EntityTypeBuilder<Token> token)
    {
        token.ToTable("tokens");
        token.HasKey(t => t.AssetId);
        token.Property(t => t.AssetId).ValueGeneratedNever();
        token.Property(t => t.PolicyId).HasMaxLength(56).UseCollation("C");
        token.Property(t => t.AssetName).HasMaxLength(64).UseCollation("C");
        token.Property(t => t.Standard).HasConversion(WireNames.Converter<TokenStandard>()).HasMaxLength(10).UseCollation("C");
        token.Property(t => t.Metadata).HasColumnType("jsonb");
        token.Property(t => t.ReferenceTransaction).HasMaxLength(64).UseCollation("C");
        token.Property(t => t.Version).IsConcurrencyToken();
        token.HasOne<Assets.Asset>().WithOne().HasForeignKey<Token>(t => t.AssetId).OnDelete(DeleteBehavior.Restrict);
        token.HasIndex(t => new { t.PolicyId, t.AssetName }).IsUnique();
    }
}
