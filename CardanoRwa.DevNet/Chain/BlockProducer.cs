using CardanoRwa.DevNet.Faults;

namespace CardanoRwa.DevNet.Chain;

/// <summary>Lets time pass: blocks that are due, steps of a script that are due.</summary>
internal sealed partial class BlockProducer(Node node, FaultScript script, TimeProvider time, ILogger<BlockProducer> logger) : BackgroundService
{
    // Short enough for the fastest pace; each tick costs microseconds.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                script.RunDue();
                node.Tick();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Stopped(node.Read(static v => v.Chain.Tip.Height));
        }
    }

    [LoggerMessage(9003, LogLevel.Information, "Block production stopped at height {Height}")]
    private partial void Stopped(long height);
}
