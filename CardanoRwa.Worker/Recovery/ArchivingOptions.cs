using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Worker.Recovery;

/// <summary>Section <c>Recovery:Archiving</c>.</summary>
internal sealed class ArchivingOptions
{
    public const string Section = "Recovery:Archiving";

    /// <summary>Whether this worker receives WAL and makes base backups. Unless it is set: everywhere but in Development.</summary>
    public bool? Enabled { get; set; }

    /// <summary>With fewer stores a worker does not start: backups in one place go with it. Unless it is set: two in Production, none elsewhere.</summary>
    [Range(0, 16)]
    public int? LeastStores { get; set; }

    /// <summary>How old the newest base backup may become.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan BaseInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Reads each backup back from each store once it is written: only what was read back counts as proven, and retention removes nothing else's predecessors.</summary>
    public bool VerifyAfterWrite { get; set; } = true;
}
