namespace Aspire.StackExchange.Redis;

/// <summary>Read from <c>Aspire:StackExchange:Redis</c>, then from the section below it named after the connection.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary><c>ConnectionStrings:{name}</c> wins over this.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    /// <summary>When false, the connection is opened while the host starts, not at its first use.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
