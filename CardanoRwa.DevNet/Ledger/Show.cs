using System.Text;

namespace CardanoRwa.DevNet.Ledger;

/// <summary>Ledger values as Haskell's derived <c>show</c> prints them, for the texts of <see cref="LedgerFault"/>.</summary>
internal static class Show
{
    internal static string Input(TxIn input) => $"TxIn (TxId {{unTxId = SafeHash \"{input.TransactionId}\"}}) (TxIx {{unTxIx = {input.Index}}})";

    internal static string Set<T>(IEnumerable<T> items, Func<T, string> show) => $"(fromList {List(items, show)})";

    internal static string List<T>(IEnumerable<T> items, Func<T, string> show) => $"[{string.Join(',', items.Select(show))}]";

    internal static string Mismatch(string supplied, string expected) => $"(Mismatch {{mismatchSupplied = {supplied}, mismatchExpected = {expected}}})";

    internal static string Coin(Int128 amount) => $"Coin {amount}";

    internal static string KeyHash(Hash28 hash) => $"KeyHash {{unKeyHash = \"{hash}\"}}";

    internal static string ScriptHash(Hash28 hash) => $"ScriptHash \"{hash}\"";

    internal static string AuxiliaryHash(Hash32 hash) => $"TxAuxDataHash {{unTxAuxDataHash = SafeHash \"{hash}\"}}";

    internal static string Slot(ulong? slot) => slot is { } s ? $"SJust (SlotNo {s})" : "SNothing";

    internal static string Value(Value value)
    {
        var text = new StringBuilder($"MaryValue (Coin {value.Coin}) (MultiAsset (fromList [");
        foreach (var (i, policy) in value.Tokens.GroupBy(static t => t.Asset.Policy).Index())
        {
            text.Append(i == 0 ? "" : ",").Append($"(PolicyID {{policyID = {ScriptHash(policy.Key)}}},fromList ");
            text.Append(List(policy, static t => $"(\"{t.Asset.Name}\",{t.Quantity})")).Append(')');
        }

        return text.Append("]))").ToString();
    }

    internal static string Address(Address address)
    {
        if (address.Payment is not { } payment) return $"AddrBootstrap (BootstrapAddress {{unBootstrapAddress = {address}}})";
        var stake = address.Stake is { } credential ? $"(StakeRefBase ({Credential(credential)}))" : address.Kind == AddressKind.StakePointer ? "(StakeRefPtr)" : "StakeRefNull";
        return $"Addr {address.Network} ({Credential(payment)}) {stake}";
    }

    internal static string Output(TxOut output)
    {
        var datum = output.InlineDatum is { } inline ? $"Datum \"{Convert.ToHexStringLower(inline.Span)}\""
            : output.DatumHash is { } hash ? $"DatumHash (SafeHash \"{hash}\")"
            : "NoDatum";
        return $"({Address(output.Address)},{Value(output.Value)},{datum},{(output.ScriptReference is null ? "SNothing" : "SJust")})";
    }

    private static string Credential(Credential credential) =>
        credential.IsScript ? $"ScriptHashObj ({ScriptHash(credential.Hash)})" : $"KeyHashObj ({KeyHash(credential.Hash)})";
}
