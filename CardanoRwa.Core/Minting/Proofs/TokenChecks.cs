using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Minting.Processing;

namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>The policy against its script, each transaction against its id, signatures and policy, and operations against what the transactions carry.</summary>
internal sealed class TokenChecks(ProofFile file, ProofToken token, ProofChecks checks)
{
    private readonly Dictionary<string, List<ProofOperation>> _carried = file.Operations.Where(o => o.TransactionId is not null).GroupBy(o => o.TransactionId!).ToDictionary(g => g.Key, g => g.ToList());
    private NativeScript _policy = null!;
    private AssetId _unit;
    private Int128 _references;

    public void Run()
    {
        if (!checks.Try("policy_script", token.PolicyId, "The script's hash is the policy id, and its JSON says the same as its bytes.", FindPolicyFault)
            | !checks.Try("token_unit", token.Unit, "The unit is the policy and the name, its fingerprint and reference token follow from it.", FindUnitFault))
        {
            return;
        }
        CheckLists();
        var listed = new HashSet<string>();
        foreach (var transaction in file.Transactions)
        {
            checks.That(listed.Add(transaction.Id), "transaction_once", transaction.Id, "It is listed once.");
            Check(transaction);
        }
        if (token.Standard == TokenStandard.Cip68.Wire() && file.Operations.Any(o => o is { Kind: "mint", TransactionId: not null }))
        {
            checks.That(_references == 1, "reference_token", token.ReferenceUnit!, "The reference token was made once.", $"The reference token was made {_references} times.");
        }
    }

    private string? FindPolicyFault()
    {
        _policy = NativeScript.Decode(Convert.FromHexString(token.ScriptCbor));
        return _policy.Hash.ToString() != token.PolicyId ? $"The script's hash is {_policy.Hash}."
            : NativeScript.ParseJson(token.Script.GetRawText()).ToJson() != _policy.ToJson() || token.Script.GetRawText() != _policy.ToJson() ? "The JSON is another script than the bytes."
            : null;
    }

    private string? FindUnitFault()
    {
        _unit = new AssetId(Hash28.Parse(token.PolicyId), AssetName.Parse(token.AssetNameHex));
        var isLabelled = token.Standard == TokenStandard.Cip68.Wire();
        var reference = isLabelled ? new AssetId(_unit.Policy, AssetLabel.Relabel(_unit.Name, AssetLabel.Reference)).ToString() : null;
        return !WireNames.TryParse<TokenStandard>(token.Standard, out _) ? $"The standard '{token.Standard}' is not known."
            : _unit.ToString() != token.Unit ? $"Policy and name give {_unit}."
            : _unit.Fingerprint != token.Fingerprint ? $"The fingerprint is {_unit.Fingerprint}."
            : reference != token.ReferenceUnit ? $"The reference token is {reference ?? "none"}."
            : token.Treasury is { } treasury && NetworkOf(Address.Parse(treasury)) != file.Network ? "The treasury is on another network."
            : null;
    }

    private void CheckLists()
    {
        var ids = new HashSet<Guid>();
        var listed = file.Transactions.DistinctBy(t => t.Id).ToDictionary(t => t.Id);
        foreach (var operation in file.Operations)
        {
            checks.Try("operation", operation.Id.ToString(), $"{operation.Kind} of {operation.Quantity}: {operation.State}.", () =>
                !ids.Add(operation.Id) ? "It is listed twice."
                : operation.Quantity < 1 || operation.Kind is not ("mint" or "burn") ? "It is neither a mint nor a burn of something."
                : !WireNames.TryParse<OperationState>(operation.State, out var state) ? $"The state '{operation.State}' is not known."
                : (operation.TransactionId is not null) != ProofWriter.IsOnItsWay(state) ? $"It is {operation.State} and names {(operation.TransactionId is null ? "no" : "a")} transaction."
                : operation.TransactionId is { } id && !listed.ContainsKey(id) ? $"Its transaction {id} is not in the file."
                : (operation.FailureCode is not null) != (state == OperationState.Failed) || (operation.ConfirmedAt is not null) != (state == OperationState.Confirmed) ? $"It is {operation.State}, and says otherwise elsewhere."
                : state == OperationState.Confirmed && listed[operation.TransactionId!].Block is null ? "It is confirmed, and its transaction is in no block."
                : null);
        }
        var (minted, burned) = (Confirmed("mint"), Confirmed("burn"));
        checks.That(
            file.Supply.Minted == minted && file.Supply.Burned == burned && file.Supply.InCirculation == minted - burned && minted >= burned, "supply_sums", token.Unit,
            $"{minted} minted less {burned} burned is {minted - burned}.", $"The confirmed operations come to {minted} minted, {burned} burned, {minted - burned} in circulation.");
        checks.That(!(token.MaxSupply < minted - burned), "supply_cap", token.Unit, token.MaxSupply is { } cap ? $"At most {cap} are in circulation." : "There is no cap.");
    }

    private Int128 Confirmed(string kind) => file.Operations.Where(o => o.Kind == kind && o.State == "confirmed").Aggregate((Int128)0, (sum, o) => sum + o.Quantity);

    private void Check(ProofTransaction listed)
    {
        Transaction? transaction = null;
        if (!checks.Try("transaction_bytes", listed.Id, "Its bytes hash to its id.", () =>
            {
                transaction = Transaction.Decode(Convert.FromHexString(listed.Cbor));
                return listed.Cbor != Convert.ToHexStringLower(transaction.Bytes.Span) ? "Hex is written in lower case."
                    : transaction.Id.ToString() != listed.Id ? $"Its bytes hash to {transaction.Id}." : null;
            }))
        {
            return;
        }
        checks.Try("transaction_signatures", listed.Id, "Every signature is over this transaction, and they satisfy the policy in its interval.", () => FindSignatureFault(transaction!));
        checks.Try("transaction_metadata", listed.Id, "Its metadata is what its body names.", () => FindMetadataFault(transaction!));
        checks.Try("transaction_operations", listed.Id, "It carries the operations that name it, minted and burned exactly as they say.", () => FindOperationFault(transaction!));
        checks.Try("transaction_evidence", listed.Id, "What it says of the token names this asset and the evidence of its operations.", () => new OnChainWords(file, token, _unit).FindFault(transaction!, _carried.GetValueOrDefault(listed.Id, [])));
        checks.That(listed.Block is not { } block || InTime(transaction!, block), "transaction_interval", listed.Id, "It is in no block, or in one of its validity interval.");
        _references += token.ReferenceUnit is { } unit ? transaction!.Body.Mint.QuantityOf(AssetId.Parse(unit)) : 0;
    }

    private static bool InTime(Transaction transaction, ProofBlock block) =>
        block is { Height: >= 0, Slot: >= 0, Confirmations: >= 1 } && transaction.Body.Validity.Contains((ulong)block.Slot) && Hash32.TryParse(block.Hash, out _);

    private string? FindSignatureFault(Transaction transaction)
    {
        var signers = transaction.Witnesses.VKeys.Select(w => w.Key.Hash).ToHashSet();
        return !transaction.IsValid ? "It says of itself that its scripts fail."
            : transaction.Witnesses.VKeys.Count == 0 ? "Nobody signed it."
            : transaction.Witnesses.VKeys.Where(w => !w.Verify(transaction.Id)).Select(w => w.Key.Hash.ToString()).FirstOrDefault() is { } wrong ? $"The signature of key {wrong} is wrong."
            : !transaction.Witnesses.NativeScripts.Any(s => s.Hash == _unit.Policy) ? "It does not carry the policy's script."
            : !_policy.Evaluate(transaction.Body.Validity, signers) ? "The policy does not allow it: keys or time locks are not satisfied."
            : null;
    }

    private string? FindMetadataFault(Transaction transaction) =>
        transaction.Body.AuxiliaryDataHash is not { } hash ? (transaction.AuxiliaryData is null ? "It carries no metadata." : "Its body names no metadata.")
        : Blake2b.Hash256(transaction.AuxiliaryBytes.Span) != hash ? "Its metadata was changed."
        : transaction.Body.NetworkId is { } network && (network == CardanoNetwork.Mainnet ? "mainnet" : "testnet") != file.Network ? "It is for another network."
        : null;

    private string? FindOperationFault(Transaction transaction)
    {
        var tagged = OperationTag.Read(transaction).Where(t => t.AssetId == file.Asset.Id).ToList();
        var named = _carried.GetValueOrDefault(transaction.Id.ToString(), []);
        if (named.Count == 0)
        {
            return "No operation in the file names it.";
        }
        if (!tagged.Select(t => (t.OperationId, t.Quantity)).Order().SequenceEqual(named.Select(o => (o.Id, o.Kind == "mint" ? o.Quantity : -o.Quantity)).Order()))
        {
            return $"It carries {string.Join(", ", tagged.Select(t => $"{t.OperationId}: {t.Quantity}"))}; the file says {string.Join(", ", named.Select(o => $"{o.Id}: {o.Kind} {o.Quantity}"))}.";
        }
        var sum = tagged.Aggregate((Int128)0, (total, t) => total + t.Quantity);
        if (transaction.Body.Mint.QuantityOf(_unit) != sum)
        {
            return $"It mints {transaction.Body.Mint.QuantityOf(_unit)}, its operations come to {sum}.";
        }
        foreach (var output in tagged.Where(t => t.Quantity > 0).GroupBy(t => t.Output))
        {
            var (held, told) = (transaction.Body.Outputs[output.Key], output.Aggregate((Int128)0, (total, t) => total + t.Quantity));
            if (held.Value.Tokens.QuantityOf(_unit) != told)
            {
                return $"Output {output.Key} holds {held.Value.Tokens.QuantityOf(_unit)} of it, not {told}.";
            }
            foreach (var recipient in output.Select(t => named.Single(o => o.Id == t.OperationId)).Select(o => o.Recipient ?? token.Treasury).Distinct())
            {
                if (recipient is null || !Address.Parse(recipient).Equals(held.Address))
                {
                    return $"Output {output.Key} goes to {held.Address}, not to {recipient}.";
                }
            }
        }
        return named.Any(o => o is { Kind: "burn", Recipient: not null }) ? "A burn has no recipient." : null;
    }

    private static string NetworkOf(Address address) => address.Network == CardanoNetwork.Mainnet ? "mainnet" : "testnet";
}
