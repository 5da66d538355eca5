using CardanoRwa.Cardano.Assets;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;

using CardanoRwa.Core.Text;
namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>The same proof held against a chain: blocks, bytes, and all that was ever minted and burned of the token.</summary>
public static class ProofChainChecks
{
    private const int Parallel = 8;

    public static async Task<IReadOnlyList<ProofCheck>> RunAsync(ProofFile file, ICardanoProvider provider, IChainIndex index, CancellationToken cancellationToken)
    {
        var checks = new ProofChecks();
        if (file.Token is not { } token || !AssetId.TryParse(token.Unit, out var unit))
        {
            return checks.All;
        }
        var tip = await provider.GetTipAsync(cancellationToken);
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, (TransactionStatus Status, string? Cbor)>();
        await System.Threading.Tasks.Parallel.ForEachAsync(file.Transactions.Where(t => Hash32.TryParse(t.Id, out _)), new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken }, async (listed, stop) =>
        {
            var id = Hash32.Parse(listed.Id);
            seen[listed.Id] = (await provider.GetStatusAsync(id, stop), await index.GetTransactionAsync(id, stop) is { } found ? Convert.ToHexStringLower(found.Bytes.Span) : null);
        });
        foreach (var listed in file.Transactions.Where(t => seen.ContainsKey(t.Id)))
        {
            var (status, cbor) = seen[listed.Id];
            checks.That(listed.Block is null || FindBlockFault(listed.Block, status, tip) is null, "chain_block", listed.Id, listed.Block is null ? "The file puts it in no block." : $"It is in block {listed.Block.Height}.", listed.Block is null ? null : FindBlockFault(listed.Block, status, tip));
            checks.That(cbor is null ? listed.Block is null : cbor == listed.Cbor, "chain_bytes", listed.Id, cbor is null ? "It is in no block, as the file says." : "The chain has the same bytes.", cbor is null ? "The chain does not have it." : "The chain has other bytes under this id.");
        }
        await CheckHistoryAsync(file, unit, seen.Where(s => s.Value.Status.State == TransactionState.InBlock).Select(s => s.Key).ToHashSet(), index, checks, cancellationToken);
        return checks.All;
    }

    private static string? FindBlockFault(ProofBlock told, TransactionStatus status, ChainPoint tip) =>
        status.Block is not { } block ? $"The chain has it in no block ({status.State.Wire()})."
        : block.Hash.ToString() != told.Hash || block.Height != (ulong)told.Height || block.Slot != (ulong)told.Slot ? $"The chain has it in block {block.Hash}, height {block.Height}, slot {block.Slot}."
        : status.Confirmations(tip) is { } depth && (ulong)told.Confirmations > depth ? $"It has {depth} confirmations only."
        : null;

    /// <summary>A mint that the file leaves out shows here; a proof older than the newest mint has to be asked for anew.</summary>
    private static async Task CheckHistoryAsync(ProofFile file, AssetId unit, HashSet<string> inBlocks, IChainIndex index, ProofChecks checks, CancellationToken cancellationToken)
    {
        var told = file.Operations.Where(o => o.TransactionId is not null && inBlocks.Contains(o.TransactionId))
            .GroupBy(o => o.TransactionId!).ToDictionary(g => g.Key, g => g.Aggregate((Int128)0, (sum, o) => sum + (o.Kind == "mint" ? o.Quantity : -o.Quantity)));
        var happened = new Dictionary<string, Int128>();
        await foreach (var change in index.GetHistoryAsync(unit, cancellationToken))
        {
            var id = change.TransactionId.ToString();
            happened[id] = happened.GetValueOrDefault(id) + change.Quantity;
        }
        foreach (var (id, quantity) in happened.Where(h => !told.ContainsKey(h.Key)))
        {
            checks.That(false, "chain_history", id, "", $"It changed the supply by {quantity}, and the file does not have it; if the file is old, ask for a new one.");
        }
        foreach (var (id, quantity) in told)
        {
            checks.That(happened.GetValueOrDefault(id) == quantity, "chain_history", id, $"It changed the supply by {quantity}.", $"The chain says {happened.GetValueOrDefault(id)}, the file {quantity}.");
        }
        var supply = (await index.GetAssetAsync(unit, cancellationToken))?.Supply ?? 0;
        var expected = told.Values.Aggregate((Int128)0, (sum, q) => sum + q);
        checks.That(supply == expected, "chain_supply", unit.ToString(), $"{supply} are in circulation.", $"The chain has {supply} in circulation, the file's transactions in blocks come to {expected}.");
    }
}
