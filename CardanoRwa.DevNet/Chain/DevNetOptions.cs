using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.DevNet.Chain;

/// <summary>Section <c>DevNet</c>.</summary>
public sealed class DevNetOptions
{
    public const string Section = "DevNet";

    public BlockMode Mode { get; set; } = BlockMode.Fast;

    /// <summary>Between two blocks of <see cref="BlockMode.Fast"/>.</summary>
    [Range(10, 3_600_000)]
    public int BlockEveryMilliseconds { get; set; } = 1000;

    /// <summary>Draws slot leaders and derives the faucet's key: the same seed gives the same chain.</summary>
    public int Seed { get; set; } = 42;

    /// <summary>Chance of a block in a slot of <see cref="BlockMode.Slots"/>; mainnet's f.</summary>
    [Range(0.0001, 1)]
    public double ActiveSlotsCoefficient { get; set; } = 0.05;

    /// <summary>How old the chain claims to be at its first start, so that a transaction may be valid from some slots ago.</summary>
    public TimeSpan GenesisAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Bytes of waiting transactions beyond which a submission is answered with 425. A real node holds two blocks' worth, 180,224.</summary>
    [Range(16384, int.MaxValue)]
    public int MempoolBytes { get; set; } = 16 << 20;

    /// <summary>Transaction bytes kept in old blocks, in MiB. Older blocks are forgotten: they can no longer be read or rolled back; unspent outputs and assets stay.</summary>
    [Range(1, 65536)]
    public int HistoryMegabytes { get; set; } = 128;

    /// <summary>A folder to keep the chain and the IPFS blocks in across restarts; nothing is kept without it.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Bytes of IPFS blocks, in MiB, beyond which an upload is refused.</summary>
    [Range(1, 1 << 20)]
    public int IpfsMegabytes { get; set; } = 1024;
}

public enum BlockMode
{
    /// <summary>A block every N milliseconds.</summary>
    Fast,

    /// <summary>Slots of one second, each a block's with probability f: gaps of 20 s on average.</summary>
    Slots,

    /// <summary>A block when one is asked for.</summary>
    Manual,
}
