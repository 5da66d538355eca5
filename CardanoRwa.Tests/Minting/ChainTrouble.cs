using CardanoRwa.Core.Minting;
using CardanoRwa.Tests.DevNet;

namespace CardanoRwa.Tests.Minting;

/// <summary>Forks and faults, one kind after the other.</summary>
internal sealed class ChainTrouble(DevNetHost chain) : IDisposable
{
    private int _turn;

    public async Task StrikeAsync()
    {
        switch (_turn++ % 8)
        {
            case 0:
                await FaultAsync(new { kind = "timeout", path = "/tx/submit", times = 2, milliseconds = 300 });
                break;
            case 1:
                await chain.AdminAsync("rollback", new { blocks = 2, fate = "mempool" });
                break;
            case 2:
                await FaultAsync(new { kind = "status", status = 425, path = "/tx/submit", times = 4 });
                break;
            case 3:
                await FaultAsync(new { kind = "stale", milliseconds = 1500, times = 30 });
                break;
            case 4:
                await chain.AdminAsync("rollback", new { blocks = 4, fate = "vanish" });
                break;
            case 5:
                await FaultAsync(new { kind = "status", status = 500, times = 6 });
                break;
            case 6:
                await FaultAsync(new { kind = "status", status = 429, times = 6, retry_after = 0 });
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

    /// <summary>Lets the time of what was held back pass, then lets go.</summary>
    public async Task ExpireAsync(MintLab lab)
    {
        await lab.UntilAsync(t => t.Stage == TransactionStage.Signed && t.LastAnswer!.StartsWith("MempoolFull"));
        await chain.AdminAsync("time", new { skip_slots = 400 });
        await CalmAsync();
    }

    public async Task CalmAsync() => (await chain.Client.DeleteAsync("/devnet/faults")).Dispose();

    public void Dispose() => chain.Get<CardanoRwa.DevNet.Faults.FaultPlan>().Clear();

    private async Task FaultAsync(object rule) => await chain.AdminAsync("faults", rule);
}
