using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Recovery.Drills;

/// <summary>Section <c>Recovery:Drills</c>.</summary>
public sealed class DrillOptions
{
    public const string Section = "Recovery:Drills";

    /// <summary>Where copies are restored for the time of a drill; a folder of its own, since what lies there is removed.</summary>
    public string ScratchPath { get; set; } = Path.Combine(Path.GetTempPath(), "rwa-drills");

    /// <summary>MiB a drill may take there; zero for no bound but the disk.</summary>
    [Range(0, 1 << 30)]
    public int ScratchMebibytes { get; set; }

    /// <summary>MiB that stay free on the disk; a drill that would take them ends.</summary>
    [Range(0, 1 << 30)]
    public int ReserveMebibytes { get; set; } = 1_024;

    /// <summary>How long a drill may take with all it falls back to.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "2.00:00:00")]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromHours(2);

    /// <summary>The target of the plan: how long a restore may take ...</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Rto { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>... and how much it may lose.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Rpo { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the worker restores and compares.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "31.00:00:00")]
    public TimeSpan RestoreTestInterval { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often it also reads every page and every index.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "366.00:00:00")]
    public TimeSpan FullInterval { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often the worker counts the database, for drills to compare with.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan TallyInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often a sentinel is committed; what a drill says of data lost is no finer than that.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan SentinelInterval { get; set; } = TimeSpan.FromSeconds(1);
}
