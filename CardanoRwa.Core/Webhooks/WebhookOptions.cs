using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Core.Webhooks;

public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Base64 of 32 random bytes that seal the stored secrets; the same for all processes. Without it webhooks work in Development only.</summary>
    public string? SealingKey { get; set; }

    /// <summary>Lets receivers be http, private or loopback addresses; without a value, in Development only.</summary>
    public bool? AllowPrivateTargets { get; set; }

    /// <summary>Webhooks there may be.</summary>
    [Range(1, 1_000)]
    public int Most { get; set; } = 100;

    /// <summary>Deliveries under way at once to one receiver from one worker.</summary>
    [Range(1, 64)]
    public int Parallel { get; set; } = 4;

    /// <summary>How long a receiver may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait after a first failure; it doubles up to <see cref="LongestRetry"/>, give or take a fifth.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Tries after which a delivery is a dead letter.</summary>
    [Range(1, 100)]
    public int MostAttempts { get; set; } = 20;

    /// <summary>Time after which a delivery is a dead letter, whichever comes first.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How long an old secret still signs beside the new one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan RotationOverlap { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long finished deliveries and dead letters are kept.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often the change feed is read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan FeedInterval { get; set; } = TimeSpan.FromMilliseconds(500);
}
