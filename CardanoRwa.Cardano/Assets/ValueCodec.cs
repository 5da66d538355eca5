namespace CardanoRwa.Cardano.Assets;

/// <summary>CBOR of values and mints: <c>coin / [coin, {policy => {name => amount}}]</c>.</summary>
public static class ValueCodec
{
    // The ledger packs a value into 16-bit offsets and refuses what does not fit (isMultiAssetSmallEnough).
    private const int PackedLimit = 65535;
    private const int PackedEntry = 44;

    public static void Write(CborEncoder encoder, Value value)
    {
        if (value.Tokens.IsEmpty)
        {
            encoder.WriteUInt(Amount(value.Coin));
            return;
        }

        encoder.WriteArray(2);
        encoder.WriteUInt(Amount(value.Coin));
        WriteTokens(encoder, value.Tokens, 1, ulong.MaxValue);
    }

    public static void WriteMint(CborEncoder encoder, TokenBundle mint) => WriteTokens(encoder, mint, long.MinValue, long.MaxValue);

    public static Value Read(ref CborDecoder reader)
    {
        if (reader.Peek() == CborKind.UnsignedInteger) return Value.OfCoin(reader.ReadUInt());
        var pair = reader.ReadRecord(2);
        var coin = reader.ReadUInt();
        var tokens = ReadTokens(ref reader, 1, ulong.MaxValue);
        reader.EndRecord(pair);
        return new Value(coin, tokens);
    }

    public static TokenBundle ReadMint(ref CborDecoder reader)
    {
        var mint = ReadTokens(ref reader, long.MinValue, long.MaxValue);
        return mint.IsEmpty ? throw reader.Error("A mint is not empty") : mint;
    }

    /// <summary>Bytes of the value on its own, which the ledger holds against maxValueSize: always the canonical form.</summary>
    public static int Size(Value value)
    {
        using var encoder = CborEncoder.Rent();
        Write(encoder, value);
        return encoder.Length;
    }

    private static ulong Amount(Int128 coin) =>
        coin >= 0 && coin <= ulong.MaxValue ? (ulong)coin : throw new ArgumentOutOfRangeException(nameof(coin), $"{coin} lovelace cannot stand in an output.");

    private static void WriteTokens(CborEncoder encoder, TokenBundle tokens, Int128 min, Int128 max)
    {
        var entries = tokens.Entries;
        var policies = 0;
        for (var i = 0; i < entries.Length; i = EndOfPolicy(entries, i)) policies++;
        encoder.WriteMap(policies);
        for (var i = 0; i < entries.Length;)
        {
            var end = EndOfPolicy(entries, i);
            encoder.WriteBytes(entries[i].Asset.Policy.Bytes);
            encoder.WriteMap(end - i);
            for (; i < end; i++)
            {
                ref readonly var entry = ref entries[i];
                if (entry.Quantity < min || entry.Quantity > max) throw new ArgumentOutOfRangeException(nameof(tokens), $"{entry.Quantity} of {entry.Asset} is outside {min}..{max}.");
                encoder.WriteBytes(entry.Asset.Name.Bytes);
                encoder.WriteInteger(entry.Quantity);
            }
        }
    }

    private static int EndOfPolicy(ReadOnlySpan<AssetQuantity> entries, int start)
    {
        var end = start + 1;
        while (end < entries.Length && entries[end].Asset.Policy == entries[start].Asset.Policy) end++;
        return end;
    }

    private static TokenBundle ReadTokens(ref CborDecoder reader, Int128 min, Int128 max)
    {
        var start = reader.Position;
        var entries = new List<AssetQuantity>();
        var policies = new HashSet<Hash28>();
        for (var outer = reader.ReadMap(); reader.More(ref outer);)
        {
            var policy = new Hash28(reader.ReadFixedBytes(Hash28.Size));
            if (!policies.Add(policy)) throw reader.Error($"Policy {policy} stands twice");
            var before = entries.Count;
            for (var inner = reader.ReadMap(); reader.More(ref inner);)
            {
                var name = reader.ReadDefiniteBytes();
                if (name.Length > AssetName.MaxSize) throw reader.Error("Asset name over 32 bytes");
                var quantity = reader.ReadInteger();
                if (quantity == 0 || quantity < min || quantity > max) throw reader.Error($"Quantity {quantity} is not allowed here");
                entries.Add(new AssetQuantity(new AssetId(policy, new AssetName(name)), quantity));
            }

            if (entries.Count == before) throw reader.Error($"Policy {policy} has no assets");
        }

        if (entries.Count * PackedEntry + policies.Count * Hash28.Size > PackedLimit) throw new CborFormatException("Too many assets in one value", start);
        var tokens = TokenBundle.From(entries);
        return tokens.Count == entries.Count ? tokens : throw new CborFormatException("An asset stands twice", start);
    }
}
