namespace CardanoRwa.Cardano.Building;

/// <summary>Slots and wall time, from any slot whose time is known; right from that slot's era on (Shelley or later).</summary>
/// <param name="ZeroTime">When <paramref name="ZeroSlot"/> began.</param>
public sealed record SlotClock(DateTimeOffset ZeroTime, ulong ZeroSlot, TimeSpan SlotLength)
{
    public static readonly SlotClock Mainnet = new(DateTimeOffset.FromUnixTimeSeconds(1596059091), 4492800, TimeSpan.FromSeconds(1));
    public static readonly SlotClock Preprod = new(DateTimeOffset.FromUnixTimeSeconds(1655769600), 86400, TimeSpan.FromSeconds(1));
    public static readonly SlotClock Preview = new(DateTimeOffset.FromUnixTimeSeconds(1666656000), 0, TimeSpan.FromSeconds(1));

    /// <summary>The slot that is running at <paramref name="time"/>.</summary>
    public ulong SlotAt(DateTimeOffset time) => time < ZeroTime
        ? throw new ArgumentOutOfRangeException(nameof(time), $"Before {ZeroTime:O} slots had another length.")
        : ZeroSlot + (ulong)((time - ZeroTime).Ticks / SlotLength.Ticks);

    public DateTimeOffset StartOf(ulong slot) => slot < ZeroSlot
        ? throw new ArgumentOutOfRangeException(nameof(slot), $"Before slot {ZeroSlot} slots had another length.")
        : ZeroTime + (long)(slot - ZeroSlot) * SlotLength;
}
