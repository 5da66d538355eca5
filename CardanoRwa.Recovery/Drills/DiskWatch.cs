namespace CardanoRwa.Recovery.Drills;

/// <summary>Ends a drill that takes more than its share of the disk.</summary>
internal sealed class DiskWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private readonly ITimer _timer;
    private int _isLooking;

    public DiskWatch(ScratchFolder folder, DrillOptions options, TimeProvider clock, CancellationTokenSource stop) =>
        _timer = clock.CreateTimer(_ => Look(folder, options, stop), null, Period, Period);

    public string? Fault { get; private set; }

    private void Look(ScratchFolder folder, DrillOptions options, CancellationTokenSource stop)
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return;
        }
        var free = ScratchFolder.FreeBytes(folder.Root);
        if (free < (long)options.ReserveMebibytes << 20)
        {
            Fault = $"only {free} bytes are left on the scratch disk";
        }
        else if (options.ScratchMebibytes > 0 && folder.Bytes() is var taken && taken > (long)options.ScratchMebibytes << 20)
        {
            Fault = $"the copy takes {taken} bytes, and the bound is {options.ScratchMebibytes} MiB";
        }
        if (Fault is not null)
        {
            _ = stop.CancelAsync();
            return; // once is enough
        }
        Volatile.Write(ref _isLooking, 0);
    }

    /// <summary>Waits for a look under way: it must not see the folder go.</summary>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();
}
