using System.Globalization;
using CardanoRwa.Cardano.Scripts;

namespace CardanoRwa.Core.Minting;

/// <summary>Says in words what a minting policy allows, so that nobody has to read a script to know what is promised.</summary>
public static class PolicyWords
{
    public static IReadOnlyList<string> Describe(NativeScript script, WalletState wallet)
    {
        var words = new List<string>();
        var parts = script is RequireAll all ? all.Scripts : [script];
        foreach (var part in parts)
        {
            words.Add(part switch
            {
                RequireSignature => $"Every mint and every burn needs {Needs(part, wallet)}.",
                RequireAfter after => $"Before slot {after.Slot} ({TimeOf(after.Slot, wallet)}) nobody can mint or burn.",
                RequireBefore before => $"From slot {before.Slot} ({TimeOf(before.Slot, wallet)}) on nobody can ever mint or burn again: the supply is then fixed.",
                _ => $"Every mint and every burn needs {Needs(part, wallet)}.",
            });
        }
        if (script.KeyHashes.All(_ => false))
        {
            words.Add("No signature is asked for: anyone can mint.");
        }
        words.Add("The policy rules minting and burning only; holders can transfer the token freely.");
        return words;
    }

    private static string Needs(NativeScript script, WalletState wallet) => script switch
    {
        RequireSignature signature => $"the signature of {Key(signature, wallet)}",
        RequireAll all => Join(all.Scripts, " and ", wallet),
        RequireAny any => $"one of: {Join(any.Scripts, ", ", wallet)}",
        RequireAtLeast least => $"{least.Required} of these {least.Scripts.Count}: {Join(least.Scripts, ", ", wallet)}",
        RequireAfter after => $"a slot from {after.Slot} on ({TimeOf(after.Slot, wallet)})",
        RequireBefore before => $"a slot before {before.Slot} ({TimeOf(before.Slot, wallet)})",
        _ => throw new InvalidOperationException($"Unknown script {script.GetType().Name}."),
    };

    private static string Join(IReadOnlyList<NativeScript> scripts, string separator, WalletState wallet) => string.Join(separator, scripts.Select(s => Needs(s, wallet)));

    private static string Key(RequireSignature signature, WalletState wallet)
    {
        var hash = signature.KeyHash.ToString();
        var name = wallet.Keys().FirstOrDefault(k => k.Hash == hash)?.Name;
        return name is null ? $"key {hash}, kept elsewhere" : $"the issuer's key '{name}' ({hash})";
    }

    private static string TimeOf(ulong slot, WalletState wallet)
    {
        var clock = wallet.Clock();
        var seconds = (double)slot - clock.ZeroSlot;
        // Far enough from the epoch's ends for any policy that is meant seriously.
        return Math.Abs(seconds) < 3e10
            ? clock.ZeroTime.AddSeconds(seconds).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)
            : "beyond any calendar";
    }
}
