namespace CardanoRwa.Cardano.Transactions;

/// <summary>CBOR of <c>transaction_body</c>; the names are those of the Conway CDDL.</summary>
internal static class TxBodyCodec
{
    private const ulong Inputs = 0;
    private const ulong Outputs = 1;
    private const ulong Fee = 2;
    private const ulong Ttl = 3;
    private const ulong Certificates = 4;
    private const ulong Withdrawals = 5;
    private const ulong AuxiliaryDataHash = 7;
    private const ulong ValidityStart = 8;
    private const ulong Mint = 9;
    private const ulong ScriptDataHash = 11;
    private const ulong Collateral = 13;
    private const ulong RequiredSigners = 14;
    private const ulong NetworkId = 15;
    private const ulong CollateralReturn = 16;
    private const ulong TotalCollateral = 17;
    private const ulong ReferenceInputs = 18;
    private const ulong VotingProcedures = 19;
    private const ulong Donation = 22;

    internal static void Write(CborEncoder encoder, TxBody body, TxEncoding encoding)
    {
        encoder.WriteMap(CountFields(body));
        for (var key = Inputs; key <= Donation; key++) WriteField(encoder, body, encoding, key);
    }

    internal static TxBody Read(ref CborDecoder reader)
    {
        List<TxIn>? inputs = null, collateral = null, references = null;
        List<TxOut>? outputs = null;
        List<Hash28>? signers = null;
        ulong? fee = null, ttl = null, start = null, totalCollateral = null;
        Hash32? auxiliary = null, scriptData = null;
        CardanoNetwork? network = null;
        TxOut? collateralReturn = null;
        var mint = TokenBundle.Empty;
        Dictionary<ulong, ReadOnlyMemory<byte>>? other = null;
        var tagged = false;
        var seen = new FieldSet();
        for (var pairs = reader.ReadMap(); reader.More(ref pairs);)
        {
            var key = seen.Next(ref reader);
            switch (key)
            {
                case Inputs: inputs = ReadInputs(ref reader, ref tagged); break;
                case Outputs: outputs = ReadOutputs(ref reader); break;
                case Fee: fee = reader.ReadUInt(); break;
                case Ttl: ttl = reader.ReadUInt(); break;
                case AuxiliaryDataHash: auxiliary = new Hash32(reader.ReadFixedBytes(Hash32.Size)); break;
                case ValidityStart: start = reader.ReadUInt(); break;
                case Mint: mint = ValueCodec.ReadMint(ref reader); break;
                case ScriptDataHash: scriptData = new Hash32(reader.ReadFixedBytes(Hash32.Size)); break;
                case Collateral: collateral = NonEmpty(ref reader, ReadInputs(ref reader, ref tagged)); break;
                case RequiredSigners: signers = NonEmpty(ref reader, ReadSigners(ref reader, ref tagged)); break;
                case NetworkId: network = (CardanoNetwork)reader.ReadUInt(1); break;
                case CollateralReturn: collateralReturn = TxOut.Read(ref reader); break;
                case TotalCollateral: totalCollateral = reader.ReadUInt(); break;
                case ReferenceInputs: references = NonEmpty(ref reader, ReadInputs(ref reader, ref tagged)); break;
                case Certificates or Withdrawals or >= VotingProcedures and <= Donation: (other ??= [])[key] = reader.ReadEncoded().ToArray(); break;
                default: throw reader.Error($"Unknown body field {key}");
            }
        }

        if (inputs is null || outputs is null || fee is null) throw reader.Error("A body has inputs, outputs and a fee");
        return new TxBody
        {
            Inputs = inputs,
            Outputs = outputs,
            Fee = fee.Value,
            Validity = new ValidityInterval(start, ttl),
            AuxiliaryDataHash = auxiliary,
            Mint = mint,
            RequiredSigners = signers ?? [],
            NetworkId = network,
            ReferenceInputs = references ?? [],
            ScriptDataHash = scriptData,
            Collateral = collateral ?? [],
            CollateralReturn = collateralReturn,
            TotalCollateral = totalCollateral,
            Other = other ?? TxBody.EmptyOther,
            TaggedSets = tagged,
        };
    }

    private static bool Has(TxBody body, ulong key) => key switch
    {
        Inputs or Outputs or Fee => true,
        Ttl => body.Validity.InvalidHereafter is not null,
        AuxiliaryDataHash => body.AuxiliaryDataHash is not null,
        ValidityStart => body.Validity.InvalidBefore is not null,
        Mint => !body.Mint.IsEmpty,
        ScriptDataHash => body.ScriptDataHash is not null,
        Collateral => body.Collateral.Count > 0,
        RequiredSigners => body.RequiredSigners.Count > 0,
        NetworkId => body.NetworkId is not null,
        CollateralReturn => body.CollateralReturn is not null,
        TotalCollateral => body.TotalCollateral is not null,
        ReferenceInputs => body.ReferenceInputs.Count > 0,
        _ => body.Other.ContainsKey(key),
    };

    private static int CountFields(TxBody body)
    {
        var fields = 0;
        for (var key = Inputs; key <= Donation; key++) fields += Has(body, key) ? 1 : 0;
        return fields;
    }

    private static void WriteField(CborEncoder encoder, TxBody body, TxEncoding encoding, ulong key)
    {
        if (!Has(body, key)) return;
        encoder.WriteUInt(key);
        switch (key)
        {
            case Inputs: WriteInputs(encoder, body.Inputs, encoding); break;
            case Outputs:
                encoder.WriteArray(body.Outputs.Count);
                for (var i = 0; i < body.Outputs.Count; i++) body.Outputs[i].Write(encoder, encoding.LegacyOutputs || body.Outputs[i].Legacy);
                break;
            case Fee: encoder.WriteUInt(body.Fee); break;
            case Ttl: encoder.WriteUInt(body.Validity.InvalidHereafter!.Value); break;
            case AuxiliaryDataHash: encoder.WriteBytes(body.AuxiliaryDataHash!.Value.Bytes); break;
            case ValidityStart: encoder.WriteUInt(body.Validity.InvalidBefore!.Value); break;
            case Mint: ValueCodec.WriteMint(encoder, body.Mint); break;
            case ScriptDataHash: encoder.WriteBytes(body.ScriptDataHash!.Value.Bytes); break;
            case Collateral: WriteInputs(encoder, body.Collateral, encoding); break;
            case RequiredSigners:
                SetCodec.WriteHead(encoder, body.RequiredSigners.Count, encoding.TagSets);
                for (var i = 0; i < body.RequiredSigners.Count; i++) encoder.WriteBytes(body.RequiredSigners[i].Bytes);
                break;
            case NetworkId: encoder.WriteUInt((ulong)body.NetworkId!.Value); break;
            case CollateralReturn: body.CollateralReturn!.Write(encoder, body.CollateralReturn.Legacy); break;
            case TotalCollateral: encoder.WriteUInt(body.TotalCollateral!.Value); break;
            case ReferenceInputs: WriteInputs(encoder, body.ReferenceInputs, encoding); break;
            default: encoder.WriteEncoded(body.Other[key].Span); break;
        }
    }

    private static void WriteInputs(CborEncoder encoder, IReadOnlyList<TxIn> inputs, TxEncoding encoding)
    {
        SetCodec.WriteHead(encoder, inputs.Count, encoding.TagSets);
        for (var i = 0; i < inputs.Count; i++) inputs[i].Write(encoder);
    }

    private static List<TxIn> ReadInputs(ref CborDecoder reader, ref bool tagged)
    {
        tagged |= SetCodec.ReadTag(ref reader);
        var inputs = new List<TxIn>();
        var distinct = new HashSet<TxIn>();
        for (var items = reader.ReadArray(); reader.More(ref items);)
        {
            var input = TxIn.Read(ref reader);
            if (!distinct.Add(input)) throw reader.Error($"Input {input} stands twice");
            inputs.Add(input);
        }

        return inputs;
    }

    private static List<Hash28> ReadSigners(ref CborDecoder reader, ref bool tagged)
    {
        tagged |= SetCodec.ReadTag(ref reader);
        var signers = new List<Hash28>();
        var distinct = new HashSet<Hash28>();
        for (var items = reader.ReadArray(); reader.More(ref items);)
        {
            var signer = new Hash28(reader.ReadFixedBytes(Hash28.Size));
            if (!distinct.Add(signer)) throw reader.Error($"Required signer {signer} stands twice");
            signers.Add(signer);
        }

        return signers;
    }

    private static List<TxOut> ReadOutputs(ref CborDecoder reader)
    {
        var outputs = new List<TxOut>();
        for (var items = reader.ReadArray(); reader.More(ref items);) outputs.Add(TxOut.Read(ref reader));
        return outputs;
    }

    private static List<T> NonEmpty<T>(ref CborDecoder reader, List<T> items) => items.Count > 0 ? items : throw reader.Error("This set is not empty where it is given");
}
