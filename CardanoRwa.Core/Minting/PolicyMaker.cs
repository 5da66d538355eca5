using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Minting;

/// <summary>Makes the native script that a policy input asks for.</summary>
internal static class PolicyMaker
{
    private const string DefaultKey = "default";

    public static Result<NativeScript> Make(PolicyInput? input, WalletState wallet)
    {
        if (input?.Script is { } json)
        {
            return Parse(json.GetRawText());
        }
        var held = wallet.Keys();
        var signatures = new List<NativeScript>();
        foreach (var key in input?.Keys ?? [DefaultKey])
        {
            if (Find(key, held) is not { } hash)
            {
                return Invalid("policy.keys", $"'{key}' is neither one of the issuer's keys ({string.Join(", ", held.Select(k => k.Name))}) nor a key hash of 56 hex digits");
            }
            signatures.Add(NativeScript.Signature(hash));
        }

        var required = input?.Required ?? signatures.Count;
        var signers = signatures.Count == 1 ? signatures[0] : required == signatures.Count ? NativeScript.All(signatures) : NativeScript.AtLeast(required, signatures);
        var locks = new List<NativeScript>();
        var clock = wallet.Clock();
        if (input?.NotBefore is { } from)
        {
            locks.Add(NativeScript.After(SlotAt(clock, from)));
        }
        if (input?.NotAfter is { } to)
        {
            locks.Add(NativeScript.Before(SlotAt(clock, to)));
        }
        return locks.Count == 0 ? signers : NativeScript.All([signers, .. locks]);
    }

    private static Result<NativeScript> Parse(string json)
    {
        try
        {
            var script = NativeScript.ParseJson(json);
            if (script.Bytes.Length > 2_000)
            {
                return Invalid("policy.script", "must be at most 2,000 bytes, because it travels in every mint");
            }
            return script.KeyHashes.Any() ? script : Invalid("policy.script", "asks for no signature: anyone could mint");
        }
        catch (FormatException e)
        {
            return Invalid("policy.script", e.Message);
        }
    }

    private static Hash28? Find(string key, IReadOnlyList<PolicyKey> held) =>
        Hash28.TryParse(held.FirstOrDefault(k => k.Name == key)?.Hash ?? key, out var hash) ? hash : null;

    // Slots before the tip were a second long too, as far back as a lock can reasonably point.
    private static ulong SlotAt(Cardano.Building.SlotClock clock, DateTimeOffset time)
    {
        var seconds = (long)Math.Floor((time - clock.ZeroTime).TotalSeconds);
        return seconds < 0 && (ulong)-seconds > clock.ZeroSlot ? 0 : (ulong)((long)clock.ZeroSlot + seconds);
    }

    private static Refusal Invalid(string field, string message)
    {
        var errors = new FieldErrors();
        errors.Add(field, message);
        return errors.ToRefusal()!;
    }
}
