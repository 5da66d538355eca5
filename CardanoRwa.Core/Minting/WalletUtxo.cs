using System.Globalization;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CardanoRwa.Core.Minting;

public enum WalletRole
{
    /// <summary>Lovelace for fees and deposits.</summary>
    Fees,

    /// <summary>Minted tokens that the issuer holds.</summary>
    Treasury,
}

/// <summary>
/// An output of the issuer's wallet, by the registry's own books: what its transactions spend and make is known here before
/// any index tells. One spender at a time; a spent one stays as a tombstone, so that a stale index cannot bring it back.
/// </summary>
public sealed class WalletUtxo
{
    /// <summary>'txid#index'.</summary>
    public required string Id { get; init; }

    public WalletRole Role { get; init; }

    /// <summary>The output, CBOR.</summary>
    public required byte[] Output { get; init; }

    /// <summary>The assets in it, by unit.</summary>
    public string[] Units { get; init; } = [];

    /// <summary>The registry's transaction that makes it; null: it came from elsewhere.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>The registry's transaction that spends it: reserved while that one is open, gone once it is confirmed.</summary>
    public string? SpentBy { get; set; }

    /// <summary>The tip's height when the chain was first seen without it.</summary>
    public long? MissingAtHeight { get; set; }

    public Utxo ToUtxo()
    {
        var (transaction, index) = Parse(Id);
        return new Utxo(new TxIn(transaction, index), TxOut.Decode(Output));
    }

    public static WalletUtxo Of(Utxo utxo, WalletRole role, string? createdBy) => new()
    {
        Id = IdOf(utxo.Input),
        Role = role,
        Output = utxo.Output.Encode(),
        Units = [.. utxo.Value.Tokens.Select(t => t.Asset.ToString())],
        CreatedBy = createdBy,
    };

    public static string IdOf(TxIn input) => string.Create(CultureInfo.InvariantCulture, $"{input.TransactionId}#{input.Index}");

    private static (Hash32 Transaction, ushort Index) Parse(string id) =>
        (Hash32.Parse(id[..64]), ushort.Parse(id.AsSpan(65), CultureInfo.InvariantCulture));
}

internal sealed class WalletUtxoConfiguration : IEntityTypeConfiguration<WalletUtxo>
{
    public void Configure(EntityTypeBuilder<WalletUtxo> utxo)
    {
        utxo.ToTable("wallet_utxos");
        utxo.Property(u => u.Id).HasMaxLength(70).UseCollation("C");
        utxo.Property(u => u.Role).HasConversion(WireNames.Converter<WalletRole>()).HasMaxLength(10).UseCollation("C");
        utxo.Property(u => u.CreatedBy).HasMaxLength(64).UseCollation("C");
        utxo.Property(u => u.SpentBy).HasMaxLength(64).UseCollation("C");
        // Two transactions that want the same output: the second save fails.
        utxo.Property(u => u.SpentBy).IsConcurrencyToken();
        utxo.HasOne<ChainTransaction>().WithMany().HasForeignKey(u => u.CreatedBy).OnDelete(DeleteBehavior.Restrict);
        utxo.HasOne<ChainTransaction>().WithMany().HasForeignKey(u => u.SpentBy).OnDelete(DeleteBehavior.Restrict);
        utxo.HasIndex(u => u.Role).HasFilter("spent_by IS NULL").HasDatabaseName("ix_wallet_utxos_unspent");
        utxo.HasIndex(u => u.Units).HasMethod("gin");
        utxo.HasIndex(u => u.CreatedBy);
        utxo.HasIndex(u => u.SpentBy);
    }
}
