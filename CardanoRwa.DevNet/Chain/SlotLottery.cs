namespace CardanoRwa.DevNet.Chain;

/// <summary>Whether a slot has a block: a draw of its own for each slot, so that it does not matter when one looks.</summary>
internal sealed class SlotLottery(int seed, double chance)
{
    internal bool Wins(ulong slot) => Mix(Mix((ulong)(uint)seed) ^ slot) / (double)ulong.MaxValue < chance;

    // SplitMix64's finalizer: neighbouring slots give unrelated draws.
    private static ulong Mix(ulong value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
