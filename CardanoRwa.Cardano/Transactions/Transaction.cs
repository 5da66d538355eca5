using System.Diagnostics.CodeAnalysis;

namespace CardanoRwa.Cardano.Transactions;

/// <summary>
/// A transaction together with its bytes: <c>[body, witness_set, is_valid, auxiliary_data / null]</c>. The bytes never change
/// under it, so the id and every signature stay right whoever serialized it; adding witnesses makes a new one around the same body.
/// </summary>
public sealed class Transaction
{
    private readonly Range body, witnesses, auxiliary;

    private Transaction(ReadOnlyMemory<byte> bytes, Range body, Range witnesses, Range auxiliary, TxBody parsedBody, WitnessSet parsedWitnesses, AuxiliaryData? parsedAuxiliary, bool isValid, Hash32? id = null)
    {
        Bytes = bytes;
        this.body = body;
        this.witnesses = witnesses;
        this.auxiliary = auxiliary;
        Body = parsedBody;
        Witnesses = parsedWitnesses;
        AuxiliaryData = parsedAuxiliary;
        IsValid = isValid;
        Id = id ?? Blake2b.Hash256(BodyBytes.Span);
    }

    /// <summary>Blake2b-256 of the body's bytes.</summary>
    public Hash32 Id { get; }

    public TxBody Body { get; }
    public WitnessSet Witnesses { get; }
    public AuxiliaryData? AuxiliaryData { get; }

    /// <summary>The submitter's word that Plutus scripts pass; true in every transaction without them.</summary>
    public bool IsValid { get; }

    public ReadOnlyMemory<byte> Bytes { get; }
    public ReadOnlyMemory<byte> BodyBytes => Bytes[body];
    public ReadOnlyMemory<byte> WitnessBytes => Bytes[witnesses];

    /// <summary>Empty where the transaction has none.</summary>
    public ReadOnlyMemory<byte> AuxiliaryBytes => AuxiliaryData is null ? default : Bytes[auxiliary];

    /// <summary>Bytes as submitted.</summary>
    public int WireSize => Bytes.Length;

    /// <summary>Bytes the ledger counts for the fee and maxTxSize: a three-element array, without the is_valid byte.</summary>
    public int LedgerSize => 1 + BodyBytes.Length + WitnessBytes.Length + (AuxiliaryData is null ? 1 : AuxiliaryBytes.Length);

    public static Transaction Create(TxBody body, WitnessSet witnesses, AuxiliaryData? auxiliary = null, TxEncoding encoding = default)
    {
        using var encoder = CborEncoder.Rent();
        TxBodyCodec.Write(encoder, body, encoding);
        return Assemble(encoder.Written.ToArray(), null, body, witnesses, auxiliary, auxiliary is null ? [] : auxiliary.Bytes(encoding), isValid: true, encoding);
    }

    /// <summary>Reads a transaction of any origin. The given memory is kept, not copied: do not change it afterwards.</summary>
    /// <exception cref="CborFormatException">The bytes are not a Conway transaction.</exception>
    public static Transaction Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CborDecoder(bytes.Span);
        var fields = reader.ReadRecord(4);
        var start = reader.Position;
        var body = TxBodyCodec.Read(ref reader);
        var bodyRange = start..reader.Position;
        start = reader.Position;
        var witnesses = WitnessSetCodec.Read(ref reader);
        var witnessRange = start..reader.Position;
        var isValid = reader.ReadBoolean();
        start = reader.Position;
        var auxiliary = reader.TryReadNull() ? null : AuxiliaryData.Read(ref reader);
        var auxiliaryRange = start..reader.Position;
        reader.EndRecord(fields);
        reader.End();
        return new Transaction(bytes, bodyRange, witnessRange, auxiliaryRange, body, witnesses, auxiliary, isValid);
    }

    public static bool TryDecode(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out string? error)
    {
        try
        {
            (transaction, error) = (Decode(bytes), null);
            return true;
        }
        catch (CborFormatException e)
        {
            (transaction, error) = (null, e.Message);
            return false;
        }
    }

    /// <summary>The same body and auxiliary bytes with these witnesses added: CIP-30's answer to signTx, or a co-signer's part.</summary>
    public Transaction AddWitnesses(WitnessSet added) => ReplaceWitnesses(Witnesses.Merge(added));

    public Transaction ReplaceWitnesses(WitnessSet replacement)
    {
        var encoding = new TxEncoding(TagSets: Body.TaggedSets || Witnesses.TaggedSets || replacement.TaggedSets);
        return Assemble(BodyBytes.Span, Id, Body, replacement, AuxiliaryData, AuxiliaryBytes.Span, IsValid, encoding);
    }

    /// <param name="id">The hash of <paramref name="bodyBytes"/> where it is known.</param>
    internal static Transaction Assemble(ReadOnlySpan<byte> bodyBytes, Hash32? id, TxBody body, WitnessSet witnesses, AuxiliaryData? auxiliary, ReadOnlySpan<byte> auxiliaryBytes, bool isValid, TxEncoding encoding)
    {
        using var encoder = CborEncoder.Rent();
        encoder.WriteArray(4);
        encoder.WriteEncoded(bodyBytes);
        var bodyEnd = encoder.Length;
        WitnessSetCodec.Write(encoder, witnesses, encoding);
        var witnessEnd = encoder.Length;
        encoder.WriteBoolean(isValid);
        if (auxiliary is null) encoder.WriteNull();
        else encoder.WriteEncoded(auxiliaryBytes);
        return new Transaction(encoder.Written.ToArray(), 1..bodyEnd, bodyEnd..witnessEnd, (witnessEnd + 1)..encoder.Length, body, witnesses, auxiliary, isValid, id);
    }
}
