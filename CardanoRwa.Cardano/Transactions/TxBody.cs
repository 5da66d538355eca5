using System.Collections.Frozen;

namespace CardanoRwa.Cardano.Transactions;

/// <summary>
/// A Conway transaction body. Fields that minting with native scripts does not use (certificates, withdrawals, governance)
/// are carried in <see cref="Other"/> as they came.
/// </summary>
public sealed class TxBody
{
    public required IReadOnlyList<TxIn> Inputs { get; init; }
    public required IReadOnlyList<TxOut> Outputs { get; init; }

    /// <summary>Lovelace.</summary>
    public required ulong Fee { get; init; }

    public ValidityInterval Validity { get; init; }
    public Hash32? AuxiliaryDataHash { get; init; }

    /// <summary>Minted (positive) and burned (negative) amounts.</summary>
    public TokenBundle Mint { get; init; } = TokenBundle.Empty;

    /// <summary>Key hashes that must sign, beside those of the inputs.</summary>
    public IReadOnlyList<Hash28> RequiredSigners { get; init; } = [];

    public CardanoNetwork? NetworkId { get; init; }
    public IReadOnlyList<TxIn> ReferenceInputs { get; init; } = [];
    public Hash32? ScriptDataHash { get; init; }
    public IReadOnlyList<TxIn> Collateral { get; init; } = [];
    public TxOut? CollateralReturn { get; init; }
    public ulong? TotalCollateral { get; init; }

    /// <summary>CBOR of the other fields by their key: 4 certificates, 5 withdrawals, 19 votes, 20 proposals, 21 treasury, 22 donation.</summary>
    public IReadOnlyDictionary<ulong, ReadOnlyMemory<byte>> Other { get; init; } = EmptyOther;

    internal static readonly IReadOnlyDictionary<ulong, ReadOnlyMemory<byte>> EmptyOther = FrozenDictionary<ulong, ReadOnlyMemory<byte>>.Empty;

    /// <summary>Whether sets were read with tag 258.</summary>
    public bool TaggedSets { get; init; }

    public static TxBody Decode(ReadOnlySpan<byte> cbor)
    {
        var reader = new CborDecoder(cbor);
        var body = TxBodyCodec.Read(ref reader);
        reader.End();
        return body;
    }

    public byte[] Encode(TxEncoding encoding = default) => CborEncoder.Encode((Body: this, encoding), static (encoder, x) => TxBodyCodec.Write(encoder, x.Body, x.encoding));
}
