using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Cardano.Building;
using CardanoRwa.Cardano.Hashing;
using CardanoRwa.Cardano.Providers;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using System.Text.Json;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;

namespace CardanoRwa.Core.Minting.Processing;

/// <summary>
/// Compares the registry's books of the wallet with the chain: takes deposits in, leaves out what vanished, and halts
/// minting when the chain holds transactions of this wallet that the registry does not know: it was restored from a
/// backup older than those.
/// </summary>
public sealed partial class WalletSync(
    RwaDbContext db, RegistryTransaction registry, Abandonment abandonment, SigningWallet wallet, ICardanoProvider provider, IChainIndex index, ChainView chain, MintMetrics metrics, TimeProvider clock,
    IOptions<MintingOptions> options, IOptions<ChainOptions> chainOptions, ILogger<WalletSync> logger)
{
    public const string ChainAhead = "chain_ahead";
    public const string WalletChanged = "wallet_changed";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await chain.RefreshAsync(cancellationToken);
        var listed = await ListAsync(wallet.FeeAddress, cancellationToken);
        if (!wallet.TreasuryAddress.Equals(wallet.FeeAddress))
        {
            listed.AddRange(await ListAsync(wallet.TreasuryAddress, cancellationToken));
        }
        var found = listed.ToDictionary(u => WalletUtxo.IdOf(u.Input));
        var took = await registry.RunAsync(MintBuilder.Actor, async (stamp, token) =>
        {
            if (!await Turn.TryTakeAsync(db, Turn.Sync, token))
            {
                return false;
            }
            var state = await RegisterAsync(stamp, token);
            await CompareAsync(found, state, stamp, token);
            await MeasureAsync(state, token);
            return true;
        }, cancellationToken);
        CrashPoint.Reach(abandonment.Settles);
        chain.IsSynced |= took;
    }

    /// <summary>What waits is counted without the chain, for it is a chain that does not answer that makes it wait.</summary>
    public async Task MeasureQueueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        metrics.Queue = await db.Operations.CountAsync(o => o.State == OperationState.Queued, cancellationToken);
        metrics.InFlight = await db.ChainTransactions.CountAsync(t => t.Stage == TransactionStage.Signed || t.Stage == TransactionStage.Submitted, cancellationToken);
        metrics.SeeQueue(await db.Operations.Where(o => (o.State == OperationState.Queued || o.State == OperationState.Signed) && (o.NotBefore == null || o.NotBefore < now)).MinAsync(o => (DateTimeOffset?)o.CreatedAt, cancellationToken));
    }

    /// <summary>Tells the Api this worker's addresses and key hashes. Another wallet than before halts minting: what is under way could never be signed again.</summary>
    private async Task<WalletState> RegisterAsync(ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var keys = JsonSerializer.Serialize([.. wallet.Policies], RegistryJson.Default.PolicyKeyArray);
        var state = await db.Wallet.SingleOrDefaultAsync(cancellationToken);
        if (state is null)
        {
            state = new WalletState { Network = chainOptions.Value.Network, FeeAddress = wallet.FeeAddress.ToString(), TreasuryAddress = wallet.TreasuryAddress.ToString(), PolicyKeys = keys };
            db.Wallet.Add(state);
        }
        else if (state.FeeAddress != wallet.FeeAddress.ToString() && await HasUsedWalletAsync(cancellationToken))
        {
            Halt(state, WalletChanged, $"The registry's wallet is {state.FeeAddress}, this worker's is {wallet.FeeAddress}.", stamp.At);
            return state;
        }
        else
        {
            (state.Network, state.FeeAddress, state.TreasuryAddress, state.PolicyKeys) = (chainOptions.Value.Network, wallet.FeeAddress.ToString(), wallet.TreasuryAddress.ToString(), keys);
            if (state.HaltCode == WalletChanged)
            {
                (state.HaltCode, state.HaltReason) = (null, null);
            }
        }
        (state.TipSlot, state.TipHeight, state.TipTime) = ((long)chain.Tip!.Slot, (long)chain.Height, chain.Tip.Time ?? stamp.At);
        state.UpdatedAt = stamp.At;
        return state;
    }

    private async Task<bool> HasUsedWalletAsync(CancellationToken cancellationToken) => await db.ChainTransactions.AnyAsync(cancellationToken);

    private async Task CompareAsync(Dictionary<string, Utxo> found, WalletState state, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var ids = found.Keys.ToArray();
        var known = (await db.WalletUtxos.Where(u => ids.Contains(u.Id)).Select(u => u.Id).ToListAsync(cancellationToken)).ToHashSet();
        var landed = new List<string>();
        foreach (var (id, utxo) in found.Where(f => !known.Contains(f.Key)))
        {
            var transaction = id[..64];
            if (await db.ChainTransactions.AnyAsync(t => t.Id == transaction, cancellationToken))
            {
                landed.Add(transaction); // given up, and in a block all the same
                continue;
            }
            if (await index.GetTransactionAsync(utxo.Input.TransactionId, cancellationToken) is { } creator && wallet.Signed(creator))
            {
                Halt(state, ChainAhead, $"Transaction {transaction} was signed by this wallet and the registry does not know it.", stamp.At);
                continue;
            }
            db.WalletUtxos.Add(WalletUtxo.Of(utxo, wallet.RoleOf(utxo.Output)!.Value, null));
            LogDeposit(logger, id, (long)utxo.Value.Coin);
        }
        await TakeBackAsync(landed, stamp, cancellationToken);
        await MarkMissingAsync(found, cancellationToken);
    }

    /// <summary>Nothing may be made instead of what landed: taken back here, before their inputs are noted as missing, they are carried again.</summary>
    private async Task TakeBackAsync(IReadOnlyCollection<string> shown, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var landed = new SortedDictionary<long, ChainTransaction>();
        for (var level = shown; level.Count > 0;)
        {
            var above = await db.ChainTransactions.Where(t => level.Contains(t.Id) && t.Stage == TransactionStage.Abandoned).ToListAsync(cancellationToken);
            above.ForEach(t => landed[t.Sequence] = t);
            level = [.. above.SelectMany(t => t.Inputs).Select(i => i[..64]).Distinct()]; // what it stands on landed with it
        }
        foreach (var transaction in landed.Values)
        {
            if ((await provider.GetStatusAsync(Hash32.Parse(transaction.Id), cancellationToken)).State == TransactionState.InBlock)
            {
                await abandonment.TakeBackAsync(transaction, stamp, cancellationToken);
            }
        }
    }

    /// <summary>What should be on the chain and is not: a fork undid a deposit, or someone else holds the key. It comes back if the chain shows it again.</summary>
    private async Task MarkMissingAsync(Dictionary<string, Utxo> found, CancellationToken cancellationToken)
    {
        var height = (long)chain.Height;
        var expected = await (
            from utxo in db.WalletUtxos
            join creator in db.ChainTransactions on utxo.CreatedBy equals creator.Id into creators
            from creator in creators.DefaultIfEmpty()
            where utxo.SpentBy == null && (utxo.CreatedBy == null || creator.Stage == TransactionStage.Confirmed || creator.Stage == TransactionStage.Final)
            select utxo).ToListAsync(cancellationToken);
        foreach (var utxo in expected)
        {
            if (found.ContainsKey(utxo.Id))
            {
                utxo.MissingAtHeight = null;
            }
            else if (utxo.MissingAtHeight is null)
            {
                utxo.MissingAtHeight = height;
                LogMissing(logger, utxo.Id);
            }
            else if (height >= utxo.MissingAtHeight + options.Value.FinalDepth)
            {
                db.WalletUtxos.Remove(utxo);
            }
        }
        // Tombstones of outputs spent so deep that no index can be that stale.
        await db.Database.ExecuteSqlAsync($"""
            DELETE FROM wallet_utxos u USING chain_transactions t
            WHERE u.spent_by = t.id AND t.stage = 'final' AND t.block_height < {height - (2L * options.Value.FinalDepth)}
            """, cancellationToken);
    }

    private async Task MeasureAsync(WalletState state, CancellationToken cancellationToken)
    {
        var fees = await db.WalletUtxos.AsNoTracking().Where(u => u.Role == WalletRole.Fees && u.SpentBy == null && u.MissingAtHeight == null).ToListAsync(cancellationToken);
        state.Lovelace = (long)fees.Aggregate((Int128)0, (sum, u) => sum + u.ToUtxo().Value.Coin);
        metrics.Lovelace = state.Lovelace;
        metrics.Halted = state.HaltCode is not null;
    }

    private void Halt(WalletState state, string code, string reason, DateTimeOffset now)
    {
        if (state.HaltCode is null)
        {
            (state.HaltCode, state.HaltReason, state.UpdatedAt) = (code, reason, now);
        }
        LogHalted(logger, code, reason);
    }

    private async Task<List<Utxo>> ListAsync(Address address, CancellationToken cancellationToken) => [.. await provider.GetUtxosAsync(address, cancellationToken)];

    [LoggerMessage(3040, LogLevel.Information, "The wallet received {Lovelace} lovelace in {Output}.")]
    private static partial void LogDeposit(ILogger logger, string output, long lovelace);

    [LoggerMessage(3041, LogLevel.Warning, "The chain does not show the wallet's output {Output}; it is left out until it does.")]
    private static partial void LogMissing(ILogger logger, string output);

    [LoggerMessage(3042, LogLevel.Critical, "Minting is halted ({Code}): {Reason} Run 'CardanoRwa.Worker chain reconcile'.")]
    private static partial void LogHalted(ILogger logger, string code, string reason);
}
