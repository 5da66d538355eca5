using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Core.Evidence;

public sealed class EvidenceOptions
{
    public const string Section = "Evidence";

    /// <summary>The name of the configured object store that holds evidence; none: <see cref="Folder"/>.</summary>
    public string? Store { get; set; }

    /// <summary>A folder that holds evidence where no store is named; none: one in the user's data in Development, no uploads elsewhere.</summary>
    public string? Folder { get; set; }

    /// <summary>Bytes that one document may have.</summary>
    [Range(1, 64L * 1024 * 1024 * 1024)]
    public long MaxBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Documents that one asset may have.</summary>
    [Range(1, 10_000)]
    public int MaxPerAsset { get; set; } = 1_000;

    /// <summary>Where an upload waits until its hash, hence its name in the store, is known; none: the system's folder for temporary files.</summary>
    public string? SpoolFolder { get; set; }

    /// <summary>How often stored bytes are read again and checked.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan RecheckInterval { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Bytes a second that checking reads at most.</summary>
    [Range(64 * 1024, 10L * 1024 * 1024 * 1024)]
    public long RecheckBytesPerSecond { get; set; } = 16 * 1024 * 1024;
}

public enum IpfsProvider
{
    None,
    Local,
    Kubo,
    Blockfrost,
}

public sealed class IpfsOptions
{
    public const string Section = "Ipfs";

    /// <summary>Who pins: 'Kubo', 'Blockfrost', 'Local' (a copy in the object store, for development), 'None' (pins wait). Without it: 'Kubo' or 'Blockfrost' where one is configured, else 'Local' in Development, else 'None'.</summary>
    public IpfsProvider? Provider { get; set; }

    /// <summary>Kubo's RPC, such as http://localhost:5010/api/v0.</summary>
    [Url]
    public string? KuboUrl { get; set; }

    [Url]
    public string BlockfrostUrl { get; set; } = "https://ipfs.blockfrost.io/api/v0";

    public string? BlockfrostProjectId { get; set; }

    /// <summary>How long one file may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "06:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>The wait after a first failure; it doubles up to <see cref="LongestRetry"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromMinutes(30);

    public IpfsProvider Effective(bool development) =>
        Provider ?? (KuboUrl is not null ? IpfsProvider.Kubo : BlockfrostProjectId is not null ? IpfsProvider.Blockfrost : development ? IpfsProvider.Local : IpfsProvider.None);
}
