using System.Text.Json;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Minting;

/// <summary>A policy key that the minting worker holds.</summary>
/// <param name="Name">What a token's policy may call it.</param>
/// <param name="Hash">Blake2b-224 of the public key, 56 hex digits.</param>
public sealed record PolicyKey(string Name, string Hash);

/// <summary>
/// What the worker that holds the keys tells the Api, which holds none: addresses, public key hashes, the chain's tip, and
/// whether minting is halted. One row.
/// </summary>
public sealed class WalletState
{
    public const int TheOne = 1;

    public int Id { get; init; } = TheOne;

    /// <summary>'mainnet' or 'testnet'.</summary>
    public required string Network { get; set; }

    public required string FeeAddress { get; set; }
    public required string TreasuryAddress { get; set; }

    /// <summary>JSON list of <see cref="PolicyKey"/>.</summary>
    public required string PolicyKeys { get; set; }

    public long TipSlot { get; set; }
    public long TipHeight { get; set; }
    public DateTimeOffset TipTime { get; set; }

    /// <summary>Lovelace that can be spent.</summary>
    public long Lovelace { get; set; }

    /// <summary>Why no new transaction is made: 'chain_ahead', 'wallet_changed'; null: minting runs.</summary>
    public string? HaltCode { get; set; }

    public string? HaltReason { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    public IReadOnlyList<PolicyKey> Keys() => JsonSerializer.Deserialize(PolicyKeys, RegistryJson.Default.PolicyKeyArray) ?? [];

    public SlotClock Clock() => new(TipTime, (ulong)TipSlot, TimeSpan.FromSeconds(1));
}

internal sealed class WalletStateConfiguration : IEntityTypeConfiguration<WalletState>
{
    public void Configure(EntityTypeBuilder<WalletState> wallet)
    {
        wallet.ToTable("wallet_state", table => table.HasCheckConstraint("ck_wallet_state_one", "id = 1"));
        wallet.Property(w => w.Id).ValueGeneratedNever();
        wallet.Property(w => w.Network).HasMaxLength(10).UseCollation("C");
        wallet.Property(w => w.FeeAddress).HasMaxLength(130).UseCollation("C");
        wallet.Property(w => w.TreasuryAddress).HasMaxLength(130).UseCollation("C");
        wallet.Property(w => w.PolicyKeys).HasColumnType("jsonb");
        wallet.Property(w => w.HaltCode).HasMaxLength(40).UseCollation("C");
    }
}
