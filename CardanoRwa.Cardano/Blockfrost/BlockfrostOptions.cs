using System.ComponentModel.DataAnnotations;

namespace CardanoRwa.Cardano.Blockfrost;

/// <summary>Where Blockfrost is and how to treat it. The limits are those of the hosted service's free plan.</summary>
public sealed class BlockfrostOptions
{
    /// <summary>For instance <c>https://cardano-preprod.blockfrost.io/api/v0</c>.</summary>
    [Required]
    public Uri? Url { get; set; }

    /// <summary>Sent as <c>project_id</c>; a node of one's own may need none.</summary>
    public string? ProjectId { get; set; }

    [Range(1, 100_000)]
    public int RequestsPerSecond { get; set; } = 10;

    [Range(1, 1_000_000)]
    public int Burst { get; set; } = 500;

    /// <summary>How many calls may wait for their turn; one more fails at once.</summary>
    [Range(0, 1_000_000)]
    public int QueueLimit { get; set; } = 10_000;

    [Range(0, 20)]
    public int Retries { get; set; } = 5;

    /// <summary>Before the first retry, doubled each time, with jitter; a Retry-After of the service takes its place.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a read may stay without an answer before a second one is sent beside it; zero sends none.</summary>
    public TimeSpan HedgeAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long calls fail at once after too many failures.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);
}
