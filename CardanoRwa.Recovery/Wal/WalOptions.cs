using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Recovery.Wal;

public enum WalDurability
{
    /// <summary>The database may forget WAL that one store holds; the others follow.</summary>
    AnyStore,

    /// <summary>Only what all stores hold; one that is down makes WAL pile up at the database.</summary>
    AllStores,
}

/// <summary>Section <c>Recovery:Wal</c>.</summary>
public sealed class WalOptions
{
    public const string Section = "Recovery:Wal";

    /// <summary>The replication slot that keeps WAL at the database until a store has it.</summary>
    [RegularExpression("^[a-z0-9_]{1,63}$")]
    public string Slot { get; set; } = "rwa_wal";

    /// <summary>What the receiver calls itself; in synchronous_standby_names it makes commits wait for a store.</summary>
    [RegularExpression("^[a-z0-9_]{1,63}$")]
    public string ApplicationName { get; set; } = "rwa_wal";

    /// <summary>Where received WAL is kept until the stores have it; readable by the worker alone. Below the worker's data folder unless it is set.</summary>
    [Required]
    public string SpoolPath { get; set; } = "";

    /// <summary>MiB the spool may take. Beyond it nothing is received, and the slot keeps WAL at the database.</summary>
    [Range(64, 1 << 20)]
    public int SpoolMebibytes { get; set; } = 4_096;

    /// <summary>What counts as durable.</summary>
    public WalDurability Durability { get; set; } = WalDurability.AnyStore;

    /// <summary>How long received WAL waits for more before it is sent to the stores.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>KiB of WAL that are sent without waiting longer.</summary>
    [Range(8, 16_384)]
    public int FlushKibibytes { get; set; } = 1_024;

    /// <summary>Commits wait for the stores: send at once. Also needs the receiver's name in synchronous_standby_names.</summary>
    public bool Synchronous { get; set; }

    /// <summary>How often an empty transaction is committed, so that the time that can be restored moves on in an idle database; zero never.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan BeatInterval { get; set; } = TimeSpan.FromSeconds(10);
}
