namespace CardanoRwa.Cardano.Building;

/// <summary>Turns what is left over into outputs that the ledger accepts: each with its minimum of lovelace, none over the value size.</summary>
internal static class ChangeMaker
{
    // Room for the widest coin and the array and map heads around the tokens.
    private const int ValueOverhead = 1 + 9 + 3;

    /// <summary>The outputs, or in <paramref name="missing"/> the lovelace that they would still need.</summary>
    internal static List<TxOut>? Make(Address address, Value rest, ProtocolParameters parameters, int parts, bool legacy, out Int128 missing)
    {
        missing = 0;
        var outputs = new List<TxOut>(1);
        if (rest.Coin == 0 && rest.Tokens.IsEmpty) return outputs;
        var bundles = rest.Tokens.IsEmpty ? [TokenBundle.Empty] : Split(rest.Tokens, parameters.MaxValueSize).ToList();
        var free = rest.Coin;
        for (var i = 0; i < bundles.Count; i++)
        {
            var empty = new TxOut(address, new Value(0, bundles[i])) { Legacy = legacy };
            Int128 least = parameters.LeastCoin(empty.Size);

            // The last one takes what is left; a wider coin makes it larger and so raises its minimum.
            var last = i == bundles.Count - 1;
            var coin = last ? Int128.Max(free, least) : least;
            if (last) coin = Int128.Max(coin, parameters.MinCoin(empty.Size - 1 + CborEncoder.HeadSize((ulong)coin)));
            free -= coin;
            outputs.Add(empty.WithValue(new Value(coin, bundles[i])));
        }

        if (free < 0)
        {
            missing = -free;
            return null;
        }

        if (parts > 1) SplitCoin(outputs, parameters, parts);
        return outputs;
    }

    private static void SplitCoin(List<TxOut> outputs, ProtocolParameters parameters, int parts)
    {
        var last = outputs[^1];
        var pure = parameters.WithMinCoin(last.WithValue(Value.OfCoin(uint.MaxValue)));
        var kept = last.Value.Tokens.IsEmpty ? 0 : parameters.WithMinCoin(last).Value.Coin;
        var free = last.Value.Coin - kept;

        // Twice the minimum, so that every part can pay for a small transaction and leave change.
        var count = (int)Int128.Min(parts, free / (pure.Value.Coin * 2));
        if (count < 2) return;
        outputs.RemoveAt(outputs.Count - 1);
        if (kept > 0) outputs.Add(last.WithValue(last.Value with { Coin = kept }));
        for (var i = 0; i < count; i++) outputs.Add(last.WithValue(Value.OfCoin(free / count + (i == 0 ? free % count : 0))));
    }

    private static IEnumerable<TokenBundle> Split(TokenBundle tokens, int maxValueSize)
    {
        var part = new List<AssetQuantity>();
        var size = ValueOverhead;
        foreach (var (asset, total) in tokens)
        {
            // Inputs may add up to more of an asset than one output can hold.
            var quantity = total;
            for (; quantity > ulong.MaxValue; quantity -= ulong.MaxValue) yield return TokenBundle.Of(asset, ulong.MaxValue);
            var entry = new AssetQuantity(asset, quantity);
            var newPolicy = part.Count == 0 || part[^1].Asset.Policy != entry.Asset.Policy;
            var entrySize = 2 + entry.Asset.Name.Bytes.Length + CborEncoder.HeadSize((ulong)entry.Quantity) + (newPolicy ? 2 + Hash28.Size + 3 : 0);
            if (size + entrySize > maxValueSize)
            {
                yield return TokenBundle.From(part);
                part = [];
                size = ValueOverhead;
                entrySize += newPolicy ? 0 : 2 + Hash28.Size + 3;
            }

            part.Add(entry);
            size += entrySize;
        }

        if (part.Count > 0) yield return TokenBundle.From(part);
    }
}
