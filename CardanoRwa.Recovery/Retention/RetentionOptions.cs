using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Recovery.Retention;

/// <summary>Section <c>Recovery:Retention</c>.</summary>
public sealed class RetentionOptions
{
    public const string Section = "Recovery:Retention";

    /// <summary>Whether the worker removes what is no longer needed. The verb does so in any case.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How far back any moment can be restored, counted from the newest proven backup.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long one backup of each hour stays; after that one of each day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Hourly { get; set; } = TimeSpan.FromDays(2);

    /// <summary>How long nothing must have been added to a backup without a manifest before it counts as abandoned.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan UnfinishedAfter { get; set; } = TimeSpan.FromDays(1);

    [Range(typeof(TimeSpan), "00:00:05", "7.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);
}
