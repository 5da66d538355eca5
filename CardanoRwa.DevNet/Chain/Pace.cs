namespace CardanoRwa.DevNet.Chain;

/// <summary>When blocks are due.</summary>
internal sealed class Pace(BlockMode mode, int everyMilliseconds, SlotLottery lottery, DateTimeOffset now, ulong slot)
{
    private DateTimeOffset last = now;
    private ulong lastSlot = slot;

    internal BlockMode Mode { get; } = mode;
    internal int EveryMilliseconds { get; } = everyMilliseconds;
    internal SlotLottery Lottery { get; } = lottery;

    /// <summary>The slots of the blocks that are due, each told once.</summary>
    internal List<ulong> Due(DateTimeOffset now, ulong slot)
    {
        var due = new List<ulong>();
        var every = TimeSpan.FromMilliseconds(EveryMilliseconds);
        switch (Mode)
        {
            case BlockMode.Slots:
                while (lastSlot < slot)
                {
                    if (Lottery.Wins(++lastSlot)) due.Add(lastSlot);
                }

                break;
            case BlockMode.Fast when now - last >= every:
                // One block however late it is: a burst after a pause would be a chain that nobody has seen.
                last = now - last < 2 * every ? last + every : now;
                due.Add(slot);
                break;
        }

        return due;
    }
}
