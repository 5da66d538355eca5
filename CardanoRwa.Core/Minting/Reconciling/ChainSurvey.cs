using System.Collections.Concurrent;
using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Cardano.Transactions;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting.Processing;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting.Reconciling;

/// <summary>What a look at the chain found; nothing is changed by it.</summary>
/// <param name="Unknown">The wallet's transactions that the registry does not know, parents first.</param>
/// <param name="Strangers">Transactions of others that unknown ones spend from, by id.</param>
/// <param name="Missing">Transactions that the registry calls confirmed and the chain does not have.</param>
internal sealed record Survey(IReadOnlyList<(Transaction Transaction, ChainPoint Block)> Unknown, IReadOnlyDictionary<Hash32, Transaction> Strangers, IReadOnlyList<string> Missing, IReadOnlyList<ReconcileFinding> Findings);

/// <summary>
/// Compares registry and chain: walks back from the wallet's outputs, where every transaction spends what the one before
/// made, and through the history of each asset under the registry's policies whose supply is not as expected.
/// </summary>
public sealed class ChainSurvey(RwaDbContext db, SigningWallet wallet, ICardanoProvider provider, IChainIndex index)
{
    private const int Parallel = 8;
    private const int ReportEvery = 500;
    private readonly List<ReconcileFinding> _findings = [];
    private readonly Dictionary<Hash32, (Transaction Transaction, ChainPoint Block)> _unknown = [];
    private readonly Dictionary<Hash32, Transaction> _strangers = [];

    internal async Task<Survey> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        _findings.Clear();
        _unknown.Clear();
        _strangers.Clear();
        var starts = new HashSet<Hash32>();
        foreach (var address in new[] { wallet.FeeAddress, wallet.TreasuryAddress }.Distinct())
        {
            starts.UnionWith((await provider.GetUtxosAsync(address, cancellationToken)).Select(u => u.Input.TransactionId));
        }
        progress($"The wallet's outputs come from {starts.Count} transactions.");
        var changed = await CompareSuppliesAsync(progress, cancellationToken);
        starts.UnionWith(changed.SelectMany(c => c.History.Keys));
        await WalkAsync(starts, progress, cancellationToken);
        var missing = await FindMissingAsync(progress, cancellationToken);
        await JudgeAsync(changed, cancellationToken);
        return new Survey(InOrder(), _strangers, missing, _findings);
    }

    /// <summary>Assets under the registry's policies whose supply or number of changes is not what the registry's transactions in blocks come to.</summary>
    private async Task<List<ChangedAsset>> CompareSuppliesAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        var tokens = await db.Tokens.AsNoTracking().ToListAsync(cancellationToken);
        var units = tokens.ToDictionary(t => t.Unit(), t => t.AssetId);
        var references = tokens.Select(t => t.ReferenceUnit()).OfType<AssetId>().ToHashSet();
        var landed = await db.Database.SqlQuery<Landed>($"""
            SELECT o.asset_id, sum(CASE o.kind WHEN 'mint' THEN o.quantity ELSE -o.quantity END)::numeric AS supply, count(DISTINCT o.transaction_id)::int AS changes
            FROM operations o JOIN chain_transactions t ON t.id = o.transaction_id WHERE t.block_hash IS NOT NULL GROUP BY o.asset_id
            """).ToDictionaryAsync(l => l.AssetId, cancellationToken);
        var onChain = new List<AssetId>();
        foreach (var policy in tokens.Select(t => Hash28.Parse(t.PolicyId)).Distinct())
        {
            await foreach (var unit in index.GetAssetsOfPolicyAsync(policy, cancellationToken))
            {
                onChain.Add(unit);
            }
        }
        var changed = new ConcurrentBag<ChangedAsset>();
        var done = 0;
        await System.Threading.Tasks.Parallel.ForEachAsync(onChain.Where(u => !references.Contains(u)), Limits(cancellationToken), async (unit, stop) =>
        {
            var asset = units.TryGetValue(unit, out var id) ? id : (Guid?)null;
            var expected = asset is { } known ? landed.GetValueOrDefault(known) : null;
            var info = await index.GetAssetAsync(unit, stop);
            if (info is null || info.Supply != (Int128)(expected?.Supply ?? 0) || info.MintOrBurnCount != (expected?.Changes ?? 0))
            {
                var history = new Dictionary<Hash32, Int128>();
                await foreach (var change in index.GetHistoryAsync(unit, stop))
                {
                    history[change.TransactionId] = history.GetValueOrDefault(change.TransactionId) + change.Quantity;
                }
                changed.Add(new ChangedAsset(unit, asset, info?.Supply ?? 0, history));
            }
            if (Interlocked.Increment(ref done) % ReportEvery == 0)
            {
                progress($"Compared the supply of {done} of {onChain.Count} tokens.");
            }
        });
        progress($"{changed.Count} of {onChain.Count} tokens on the chain are not as the registry's transactions in blocks have them.");
        return [.. changed.OrderBy(c => c.Unit)];
    }

    /// <summary>From the given transactions back to those the registry knows, or to others'.</summary>
    private async Task WalkAsync(IEnumerable<Hash32> starts, Action<string> progress, CancellationToken cancellationToken)
    {
        var seen = new HashSet<Hash32>();
        for (var level = starts.ToHashSet(); level.Count > 0;)
        {
            seen.UnionWith(level);
            var known = await KnownAsync(level, cancellationToken);
            var found = new ConcurrentBag<(Hash32 Id, Transaction? Transaction, ChainPoint? Block)>();
            await System.Threading.Tasks.Parallel.ForEachAsync(level.Where(id => !known.Contains(id)), Limits(cancellationToken), async (id, stop) =>
            {
                var transaction = await index.GetTransactionAsync(id, stop);
                found.Add((id, transaction, transaction is not null && wallet.Signed(transaction) ? (await provider.GetStatusAsync(id, stop)).Block : null));
            });
            var next = new HashSet<Hash32>();
            foreach (var (id, transaction, block) in found)
            {
                if (transaction is null || (block is null && wallet.Signed(transaction)))
                {
                    _findings.Add(new(ReconcileFinding.IndexIncomplete, id.ToString(), "The chain's index names this transaction and does not have it in a block.", "Run this again: a fork or a lagging index is the usual cause."));
                }
                else if (block is null)
                {
                    _strangers[id] = transaction;
                }
                else
                {
                    _unknown[id] = (transaction, block);
                    next.UnionWith(transaction.Body.Inputs.Select(i => i.TransactionId).Where(i => !seen.Contains(i)));
                }
            }
            level = next;
            if (_unknown.Count > 0 && next.Count > 0)
            {
                progress($"{_unknown.Count} transactions are unknown so far.");
            }
        }
    }

    /// <summary>Newest first: what a transaction on the chain spends is on the chain as well, so few have to be asked for.</summary>
    private async Task<List<string>> FindMissingAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        var (missing, vouched, asked) = (new List<string>(), new HashSet<string>(), 0);
        for (var before = long.MaxValue; ;)
        {
            var page = await db.ChainTransactions.AsNoTracking()
                .Where(t => t.Sequence < before && (t.Stage == TransactionStage.Confirmed || t.Stage == TransactionStage.Final))
                .OrderByDescending(t => t.Sequence).Take(1_000).Select(t => new { t.Id, t.Sequence, t.Inputs }).ToListAsync(cancellationToken);
            if (page.Count == 0)
            {
                progress($"Asked for {asked} of the confirmed transactions; {missing.Count} are not on the chain.");
                return missing;
            }
            foreach (var stored in page)
            {
                if (!vouched.Remove(stored.Id))
                {
                    asked++;
                    if ((await provider.GetStatusAsync(Hash32.Parse(stored.Id), cancellationToken)).State != TransactionState.InBlock)
                    {
                        missing.Add(stored.Id);
                        _findings.Add(new(ReconcileFinding.MissingOnChain, stored.Id, "The registry says it is confirmed; the chain does not have it.", "It goes back to submitted; the worker sends the same bytes again."));
                        continue;
                    }
                }
                vouched.UnionWith(stored.Inputs.Select(i => i[..64]));
            }
            before = page[^1].Sequence;
        }
    }

    /// <summary>Names what was found, and whether history explains the supplies once the unknown is taken in.</summary>
    private async Task JudgeAsync(List<ChangedAsset> changed, CancellationToken cancellationToken)
    {
        foreach (var (id, (transaction, block)) in _unknown)
        {
            var tagged = OperationTag.Read(transaction);
            _findings.Add(new(ReconcileFinding.UnknownTransaction, id.ToString(),
                $"This wallet signed it, it is in block {block.Height}, and the registry does not know it; it carries {(tagged.Count == 0 ? "no operations" : string.Join(", ", tagged.Select(t => $"{t.OperationId} ({t.Quantity:+#;-#} of asset {t.AssetId})")))}.",
                "It is taken in, and its operations with it."));
        }
        foreach (var asset in changed)
        {
            foreach (var (id, quantity) in asset.History)
            {
                var carrier = _unknown.TryGetValue(id, out var unknown) ? unknown.Transaction : _strangers.GetValueOrDefault(id);
                if (carrier is not null && (_strangers.ContainsKey(id) || OperationTag.Read(carrier).Count == 0))
                {
                    _findings.Add(new(ReconcileFinding.ForeignMint, id.ToString(), $"It changed the supply of {asset.Unit} by {quantity} and is {(_strangers.ContainsKey(id) ? "not signed by this wallet" : "without the registry's tag")}.", "Find out who holds the policy's keys; the registry does not count it."));
                }
            }
            if (asset.History.Keys.All(id => !_unknown.ContainsKey(id) && !_strangers.ContainsKey(id)) && !await ExplainsAsync(asset, cancellationToken))
            {
                _findings.Add(new(ReconcileFinding.SupplyMismatch, asset.Unit.ToString(), $"The chain has {asset.Supply} in circulation, which the registry's operations do not come to.", "Compare the asset's operations with the chain's history of the unit."));
            }
        }
    }

    private async Task<bool> ExplainsAsync(ChangedAsset asset, CancellationToken cancellationToken)
    {
        string[] ids = [.. asset.History.Keys.Select(k => k.ToString())];
        var told = (await db.Operations.AsNoTracking().Where(o => o.AssetId == asset.AssetId && ids.Contains(o.TransactionId!)).ToListAsync(cancellationToken))
            .GroupBy(o => o.TransactionId!).ToDictionary(g => g.Key, g => g.Aggregate((Int128)0, (sum, o) => sum + (o.Kind == OperationKind.Mint ? o.Quantity : -o.Quantity)));
        return asset.History.All(h => told.GetValueOrDefault(h.Key.ToString()) == h.Value) && asset.Supply == told.Values.Aggregate((Int128)0, (sum, q) => sum + q);
    }

    private async Task<HashSet<Hash32>> KnownAsync(IEnumerable<Hash32> ids, CancellationToken cancellationToken)
    {
        var known = new HashSet<Hash32>();
        foreach (var chunk in ids.Select(i => i.ToString()).Chunk(1_000))
        {
            known.UnionWith((await db.ChainTransactions.AsNoTracking().Where(t => chunk.Contains(t.Id)).Select(t => t.Id).ToListAsync(cancellationToken)).Select(Hash32.Parse));
        }
        return known;
    }

    private List<(Transaction Transaction, ChainPoint Block)> InOrder()
    {
        var (ordered, placed) = (new List<(Transaction, ChainPoint)>(), new HashSet<Hash32>());
        foreach (var (id, start) in _unknown.OrderBy(u => u.Value.Block.Height).ThenBy(u => u.Key))
        {
            // A chain of spends can be thousands long in a block, so no recursion.
            var path = new Stack<(Hash32 Id, Transaction Transaction, ChainPoint Block)>([(id, start.Transaction, start.Block)]);
            while (path.TryPeek(out var top))
            {
                var parent = top.Transaction.Body.Inputs.Select(i => i.TransactionId).FirstOrDefault(p => _unknown.ContainsKey(p) && !placed.Contains(p));
                if (placed.Contains(top.Id) || !_unknown.TryGetValue(parent, out var above))
                {
                    path.Pop();
                    if (placed.Add(top.Id))
                    {
                        ordered.Add((top.Transaction, top.Block));
                    }
                }
                else
                {
                    path.Push((parent, above.Transaction, above.Block));
                }
            }
        }
        return ordered;
    }

    private static ParallelOptions Limits(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };

    private sealed record ChangedAsset(AssetId Unit, Guid? AssetId, Int128 Supply, Dictionary<Hash32, Int128> History);

    private sealed record Landed(Guid AssetId, decimal Supply, int Changes);
}
