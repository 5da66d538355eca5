using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Scripts;

namespace CardanoRwa.Core.Minting;

/// <summary>Which of the keys at hand satisfy a policy.</summary>
public static class PolicySigners
{
    public static bool CanSign(NativeScript script, WalletState wallet) =>
        Choose(script, [.. wallet.Keys().Select(k => Hash28.Parse(k.Hash))]) is not null;

    /// <summary>As few of the held keys as satisfy the script, time locks aside; null if all together do not.</summary>
    public static IReadOnlyList<Hash28>? Choose(NativeScript script, IReadOnlyCollection<Hash28> held)
    {
        var interval = script.RequiredInterval;
        var chosen = script.KeyHashes.Where(held.Contains).ToHashSet();
        if (!script.Evaluate(interval, chosen))
        {
            return null;
        }
        foreach (var key in chosen.ToList())
        {
            chosen.Remove(key);
            if (!script.Evaluate(interval, chosen))
            {
                chosen.Add(key);
            }
        }
        return [.. chosen];
    }
}
