namespace CardanoRwa.DevNet.Chain;

/// <summary>
/// Slots of one second since the chain's start. They can be skipped and sped up; the chain then lives ahead of the wall, and
/// whoever reckons slots from the wall clock instead of the tip is wrong by that much.
/// </summary>
public sealed class ChainClock(TimeProvider time, DateTimeOffset systemStart)
{
    private DateTimeOffset anchor = systemStart;
    private double anchorSlot;
    private double speed = 1;

    public DateTimeOffset SystemStart { get; } = systemStart;
    public double Speed => speed;
    public ulong Slot => (ulong)Exact;

    private double Exact => Math.Max(0, anchorSlot + (time.GetUtcNow() - anchor).TotalSeconds * speed);

    /// <summary>Unix seconds at which a slot began.</summary>
    public long TimeOf(ulong slot) => SystemStart.ToUnixTimeSeconds() + (long)slot;

    internal ClockSetting Change(ulong skip, double? newSpeed) => Set(new ClockSetting(time.GetUtcNow(), Exact + skip, newSpeed ?? speed));

    internal ClockSetting Set(ClockSetting setting)
    {
        (anchor, anchorSlot, speed) = setting;
        return setting;
    }
}

/// <param name="Slot">The slot, with its fraction, that ran at <paramref name="At"/>.</param>
internal readonly record struct ClockSetting(DateTimeOffset At, double Slot, double Speed);
