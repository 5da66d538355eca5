namespace CardanoRwa.Cardano.Building;

/// <summary>
/// Picks inputs. Random-improve of CIP-2 carried over to many assets: each asset is covered at random and then improved towards
/// twice the need, lovelace last and from outputs without tokens first, so that change stays small. Largest-first takes the
/// fewest inputs, for when that does not fit.
/// </summary>
internal sealed class CoinSelector
{
    // CIP-2: the ideal is twice the target, three times is too much.
    private const int Ideal = 2;
    private const int Maximum = 3;

    private readonly List<Utxo> remaining;
    private readonly Random? random;
    private readonly int maxInputs;

    /// <param name="random">Null selects largest-first.</param>
    internal CoinSelector(IReadOnlyList<Utxo> available, IReadOnlyList<Utxo> chosen, Random? random, int maxInputs)
    {
        this.random = random;
        this.maxInputs = maxInputs;
        Selected = [.. chosen];
        Total = chosen.Aggregate(Value.Zero, static (sum, utxo) => sum + utxo.Value);
        remaining = chosen.Count == 0 ? [.. available] : [.. available.ExceptBy(chosen.Select(static u => u.Input), static u => u.Input)];
    }

    internal List<Utxo> Selected { get; }
    internal Value Total { get; private set; }

    /// <summary>The first asset of which there is not enough; null if all are covered.</summary>
    internal AssetId? Cover(TokenBundle needed)
    {
        foreach (var (asset, quantity) in needed)
        {
            if (!Cover(u => u.Value.Tokens.QuantityOf(asset), v => v.Tokens.QuantityOf(asset), static _ => true, quantity)) return asset;
        }

        return null;
    }

    internal bool Cover(Int128 lovelace) =>
        Cover(static u => u.Value.Coin, static v => v.Coin, static u => u.Value.Tokens.IsEmpty, lovelace)
        || Cover(static u => u.Value.Coin, static v => v.Coin, static _ => true, lovelace);

    private bool Cover(Func<Utxo, Int128> measure, Func<Value, Int128> total, Func<Utxo, bool> suits, Int128 needed)
    {
        if (total(Total) >= needed) return true;
        var candidates = remaining.Where(u => suits(u) && measure(u) > 0).ToList();
        if (random is null) candidates.Sort((a, b) => measure(a).CompareTo(measure(b)));
        else random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(candidates));
        while (total(Total) < needed)
        {
            if (candidates.Count == 0) return false;
            Take(candidates);
        }

        if (random is not null) Improve(candidates, measure, total, needed);
        return true;
    }

    private void Improve(List<Utxo> candidates, Func<Utxo, Int128> measure, Func<Value, Int128> total, Int128 needed)
    {
        for (; candidates.Count > 0 && Selected.Count < maxInputs; candidates.RemoveAt(candidates.Count - 1))
        {
            var now = total(Total);
            var then = now + measure(candidates[^1]);
            if (then > needed * Maximum || Int128.Abs(needed * Ideal - then) >= Int128.Abs(needed * Ideal - now)) return;
            Add(candidates[^1]);
        }
    }

    private void Take(List<Utxo> candidates)
    {
        Add(candidates[^1]);
        candidates.RemoveAt(candidates.Count - 1);
    }

    private void Add(Utxo utxo)
    {
        Selected.Add(utxo);
        Total += utxo.Value;
        remaining.Remove(utxo);
    }
}
