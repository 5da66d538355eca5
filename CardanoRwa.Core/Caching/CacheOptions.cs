using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Core.Caching;

public sealed class CacheOptions
{
    public const string Section = "Cache";

    /// <summary>How long a read may be answered from the cache when nothing invalidates it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest a single Redis call may hold up a read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(40);

    /// <summary>How long Redis is left alone after a failure.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:10:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a replica looks for other replicas' changes when nothing nudges it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:00:10")]
    public TimeSpan FeedInterval { get; set; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Process memory the cache may use, in bytes.</summary>
    [Range(1_000_000, long.MaxValue)]
    public long MemoryLimitBytes { get; set; } = 32 * 1024 * 1024;
}
