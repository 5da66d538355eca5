using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Metadata;
using CardanoRwa.Cardano.Scripts;
using CardanoRwa.Cardano.Transactions;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>An operation with what its transaction needs to know.</summary>
/// <param name="Signers">The held keys that satisfy the policy; null: keys kept elsewhere must sign.</param>
/// <param name="Details">CIP-25 or CIP-68 metadata; null for burns and plain tokens.</param>
internal sealed record PlannedOperation(Operation Operation, Token Token, NativeScript Policy, AssetId Unit, IReadOnlyList<Hash28>? Signers, MetadataMap? Details)
{
    public Address Recipient(SigningWallet wallet) => Operation.Recipient is { } text ? Address.Parse(text) : wallet.TreasuryAddress;
}

/// <summary>Turns a run of operations into one transaction's plan.</summary>
internal sealed class BatchComposer(SigningWallet wallet, ProtocolParameters parameters)
{
    // About 75 bytes an asset, each under a policy of its own: an output's value stays below 5,000 bytes.
    private const int AssetsPerOutput = 60;

    /// <param name="run">Never both mints and burns of one asset: they would cancel out.</param>
    /// <param name="spendable">The wallet as it stands: burns choose their tokens from the treasury's part.</param>
    /// <param name="forced">Inputs that must be spent whatever else is.</param>
    /// <param name="ttl">First slot in which the transaction is void.</param>
    public TransactionPlan Compose(IReadOnlyList<PlannedOperation> run, IReadOnlyList<Utxo> spendable, IReadOnlyList<Utxo> forced, ulong ttl)
    {
        var outputs = new List<TxOut>();
        var tags = new List<TaggedOperation>(run.Count);
        foreach (var recipient in run.Where(p => p.Operation.Kind == OperationKind.Mint).GroupBy(p => p.Recipient(wallet)))
        {
            foreach (var chunk in recipient.GroupBy(p => p.Unit).Chunk(AssetsPerOutput))
            {
                tags.AddRange(chunk.SelectMany(a => a).Select(p => new TaggedOperation(p.Operation.Id, p.Token.AssetId, p.Operation.Quantity, outputs.Count)));
                outputs.Add(Hold(recipient.Key, TokenBundle.From(chunk.Select(a => new AssetQuantity(a.Key, Total(a))))));
            }
        }

        var mints = run.Select(p => new MintAction(p.Policy, p.Unit.Name, p.Operation.Kind == OperationKind.Mint ? p.Operation.Quantity : -p.Operation.Quantity)).ToList();
        AddReferences(run, outputs, mints);
        var inputs = forced.ToList();
        AddBurns(run, spendable, inputs, outputs);
        tags.AddRange(run.Where(p => p.Operation.Kind == OperationKind.Burn).Select(p => new TaggedOperation(p.Operation.Id, p.Token.AssetId, -p.Operation.Quantity, 0)));

        return new TransactionPlan
        {
            ChangeAddress = wallet.FeeAddress,
            Network = wallet.Network,
            Inputs = inputs,
            Outputs = outputs,
            Mints = mints,
            Metadata = Describe(run, tags),
            Validity = new ValidityInterval(null, ttl),
            ScriptSigners = run.Any(p => p.Signers is null) ? null : [.. run.SelectMany(p => p.Signers!).Distinct()],
        };
    }

    /// <summary>Puts what treasury outputs hold into as few as hold it.</summary>
    public TransactionPlan Merge(IReadOnlyList<Utxo> scattered, IReadOnlyList<Utxo> forced, ulong ttl) => new()
    {
        ChangeAddress = wallet.FeeAddress,
        Network = wallet.Network,
        Inputs = [.. forced, .. scattered],
        Outputs = [.. scattered.Aggregate(TokenBundle.Empty, (sum, utxo) => sum + utxo.Value.Tokens).Chunk(AssetsPerOutput).Select(chunk => Hold(wallet.TreasuryAddress, TokenBundle.From(chunk)))],
        Validity = new ValidityInterval(null, ttl),
    };

    /// <summary>Treasury outputs that together hold the asset; null if they do not.</summary>
    public List<Utxo>? Cover(AssetId unit, Int128 quantity, IEnumerable<Utxo> spendable)
    {
        var chosen = new List<Utxo>();
        foreach (var utxo in spendable.Where(u => wallet.RoleOf(u.Output) == WalletRole.Treasury && u.Value.Tokens.QuantityOf(unit) > 0).OrderByDescending(u => u.Value.Tokens.QuantityOf(unit)))
        {
            if (quantity <= 0)
            {
                break;
            }
            chosen.Add(utxo);
            quantity -= utxo.Value.Tokens.QuantityOf(unit);
        }
        return quantity <= 0 ? chosen : null;
    }

    private void AddBurns(IReadOnlyList<PlannedOperation> run, IReadOnlyList<Utxo> spendable, List<Utxo> inputs, List<TxOut> outputs)
    {
        var left = TokenBundle.Empty;
        var taken = new Dictionary<TxIn, Utxo>();
        foreach (var asset in run.Where(p => p.Operation.Kind == OperationKind.Burn).GroupBy(p => p.Unit))
        {
            var quantity = Total(asset);
            foreach (var utxo in Cover(asset.Key, quantity - taken.Values.Sum(asset.Key), spendable.Where(u => !taken.ContainsKey(u.Input))) ?? [])
            {
                taken.Add(utxo.Input, utxo);
            }
            left -= TokenBundle.Of(asset.Key, quantity);
        }
        if (taken.Count == 0)
        {
            return;
        }
        inputs.AddRange(taken.Values.ExceptBy(inputs.Select(i => i.Input), u => u.Input));
        left = taken.Values.Aggregate(left, (sum, utxo) => sum + utxo.Value.Tokens);
        // What was not burned goes back to where it was.
        foreach (var chunk in left.Chunk(AssetsPerOutput))
        {
            outputs.Add(Hold(wallet.TreasuryAddress, TokenBundle.From(chunk)));
        }
    }

    /// <summary>The first mint of a CIP-68 token makes its reference token, which the treasury keeps.</summary>
    private void AddReferences(IReadOnlyList<PlannedOperation> run, List<TxOut> outputs, List<MintAction> mints)
    {
        foreach (var first in run.Where(NeedsReference).DistinctBy(p => p.Unit))
        {
            var name = TokenNames.Reference(AssetName.Parse(first.Token.AssetName));
            mints.Add(new MintAction(first.Policy, name, 1));
            var datum = Cip68.Datum(TokenNames.Label(TokenNames.IsSingle(first.Token)), first.Details!);
            outputs.Add(parameters.WithMinCoin(new TxOut(wallet.TreasuryAddress, new Value(0, TokenBundle.Of(new AssetId(first.Policy.Hash, name), 1))) { InlineDatum = datum.Encode() }));
        }
    }

    public static bool NeedsReference(PlannedOperation planned) =>
        planned is { Operation.Kind: OperationKind.Mint, Token: { Standard: TokenStandard.Cip68, ReferenceTransaction: null } };

    private static Dictionary<ulong, Metadatum> Describe(IReadOnlyList<PlannedOperation> run, List<TaggedOperation> tags)
    {
        var metadata = new Dictionary<ulong, Metadatum>();
        // The newest mint's metadata is what counts under CIP-25, so each carries it; of several in one transaction, the last.
        var described = run.Where(p => p is { Details: not null, Token.Standard: TokenStandard.Cip25 }).GroupBy(p => p.Unit).Select(g => KeyValuePair.Create(g.Key, g.Last().Details!)).ToList();
        if (described.Count > 0)
        {
            metadata[Cip25.Label] = Cip25.Build(described);
        }
        if (tags.Count > 0)
        {
            metadata[OperationTag.Label] = OperationTag.Write(tags);
        }
        return metadata;
    }

    private TxOut Hold(Address address, TokenBundle tokens) => parameters.WithMinCoin(new TxOut(address, new Value(0, tokens)));

    private static Int128 Total(IEnumerable<PlannedOperation> operations) => operations.Aggregate((Int128)0, (sum, p) => sum + p.Operation.Quantity);
}

internal static class UtxoSums
{
    public static Int128 Sum(this IEnumerable<Utxo> utxos, AssetId unit) => utxos.Aggregate((Int128)0, (sum, utxo) => sum + utxo.Value.Tokens.QuantityOf(unit));
}
