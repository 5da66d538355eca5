using CardanoRwa.DevNet.Ledger;

namespace CardanoRwa.DevNet.Index;

/// <summary>A script that stood among witnesses, in auxiliary data or in an output.</summary>
/// <param name="Native">Null for Plutus, which is only known by its hash and size.</param>
public sealed record KnownScript(Hash28 Hash, NativeScript? Native, int Size, Hash32 FirstSeen)
{
    internal static IEnumerable<KnownScript> In(Transaction transaction)
    {
        foreach (var script in transaction.Witnesses.NativeScripts) yield return new(script.Hash, script, script.Bytes.Length, transaction.Id);
        foreach (var output in transaction.Body.Outputs)
        {
            if (ReferencedScript.Of(output) is { } script) yield return new(script.Hash, script.Native, script.Size, transaction.Id);
        }

        if (transaction.AuxiliaryData is not { } data) yield break;
        foreach (var script in data.NativeScripts) yield return new(script.Hash, script, script.Bytes.Length, transaction.Id);
    }
}
