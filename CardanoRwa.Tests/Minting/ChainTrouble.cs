using CardanoRwa.Core.Minting;
using CardanoRwa.Tests.DevNet;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Tests.Minting;

internal enum TroubleKind
{
    LostAnswers,
    ForkToMempool,
    FullMempool,
    StaleIndex,
    ForkThatForgets,
    ServerErrors,
    Throttling,
    ForkWithRivals,
    SlowAnswers,
}

/// <summary>Forks and faults of the lab's chain.</summary>
internal sealed class ChainTrouble(MintLab lab) : IDisposable
{
    private static readonly int Kinds = Enum.GetValues<TroubleKind>().Length;
    private readonly DevNetHost _chain = lab.Chain;

    public static TroubleKind Turn(int turn) => (TroubleKind)(turn % Kinds);

    public async Task StrikeAsync(TroubleKind kind)
    {
        switch (kind)
        {
            case TroubleKind.LostAnswers:
                await FaultAsync(new { kind = "timeout", path = "/tx/submit", times = 2, milliseconds = 300 });
                break;
            case TroubleKind.ForkToMempool:
                await _chain.AdminAsync("rollback", new { blocks = 2, fate = "mempool" });
                break;
            case TroubleKind.FullMempool:
                await FaultAsync(new { kind = "status", status = 425, path = "/tx/submit", times = 4 });
                break;
            case TroubleKind.StaleIndex:
                await LagAsync(TimeSpan.FromMilliseconds(1500));
                break;
            case TroubleKind.ForkThatForgets:
                await _chain.AdminAsync("rollback", new { blocks = 4, fate = "vanish" });
                break;
            case TroubleKind.ServerErrors:
                await FaultAsync(new { kind = "status", status = 500, times = 6 });
                break;
            case TroubleKind.Throttling:
                await FaultAsync(new { kind = "status", status = 429, times = 6, retry_after = 0 });
                break;
            case TroubleKind.ForkWithRivals:
                await _chain.AdminAsync("rollback", new { blocks = 2, fate = "invalid" });
                break;
            default:
                await FaultAsync(new { kind = "delay", milliseconds = 200, times = 10 });
                break;
        }
    }

    /// <summary>No question is answered until <see cref="CalmAsync"/>.</summary>
    public Task LeaveAsync() => FaultAsync(new { kind = "status", status = 503 });

    /// <summary>Keeps what is signed from the chain.</summary>
    public Task HoldBackAsync() => FaultAsync(new { kind = "status", status = 425, path = "/tx/submit" });

    /// <summary>What is read of the chain is that old.</summary>
    public Task LagAsync(TimeSpan behind) => FaultAsync(new { kind = "stale", milliseconds = (int)behind.TotalMilliseconds });

    /// <summary>Lets the time of what was held back pass, then lets go.</summary>
    public async Task ExpireAsync()
    {
        await lab.UntilAsync(t => t.Stage == TransactionStage.Signed && t.LastAnswer!.StartsWith("MempoolFull"));
        await _chain.AdminAsync("time", new { skip_slots = 400 });
        await CalmAsync();
    }

    /// <summary>A fork without a transaction that the registry knows to be in a block; whoever wants it back has to send it again.</summary>
    public async Task ThrowOutAsync()
    {
        await lab.UntilAsync(t => t.BlockHash != null && t.Stage != TransactionStage.Final);
        var newest = await lab.ReadAsync(db => db.ChainTransactions.Where(t => t.BlockHash != null).OrderByDescending(t => t.BlockHeight).Select(t => new { t.Id, t.BlockHeight }).FirstAsync());
        while (await _chain.StatusAsync($"/txs/{newest.Id}") == 200)
        {
            var height = (long)(await _chain.GetAsync("/blocks/latest")).Body!["height"]!;
            await _chain.AdminAsync("rollback", new { blocks = Math.Max(1, height - newest.BlockHeight!.Value + 1), fate = "vanish" });
        }
    }

    /// <summary>Ends a lag once it made a transaction be given up that has landed.</summary>
    /// <param name="since">The newest transaction when the lag began.</param>
    public async Task CatchUpAsync(long since)
    {
        await lab.UntilAsync(t => t.Sequence > since && t.Stage == TransactionStage.Abandoned);
        await CalmAsync();
    }

    public async Task CalmAsync() => (await _chain.Client.DeleteAsync("/devnet/faults")).Dispose();

    public void Dispose() => _chain.Get<CardanoRwa.DevNet.Faults.FaultPlan>().Clear();

    private async Task FaultAsync(object rule) => await _chain.AdminAsync("faults", rule);
}
