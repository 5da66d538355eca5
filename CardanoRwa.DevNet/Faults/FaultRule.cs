namespace CardanoRwa.DevNet.Faults;

/// <summary>A fault to inject. In JSON: <c>{"kind":"status","status":429,"path":"/txs","times":3}</c>.</summary>
public sealed record FaultRule
{
    public required FaultKind Kind { get; init; }

    /// <summary>For <see cref="FaultKind.Status"/>: 402, 403, 404, 418, 425, 429, 500, 502, 503 or 504.</summary>
    public int Status { get; init; } = 500;

    /// <summary>Requests whose path starts with this; all if null. 425 strikes submissions alone.</summary>
    public string? Path { get; init; }

    /// <summary>How many requests it strikes; null is until it is cleared.</summary>
    public int? Times { get; init; }

    /// <summary>Chance to strike a request that matches.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>The delay, how long a caller waits in vain, or how far the index lags behind.</summary>
    public int Milliseconds { get; init; } = 2000;

    /// <summary>Seconds for the header Retry-After of an error; none if null.</summary>
    public int? RetryAfter { get; init; }

    internal string? Refusal() =>
        Kind == FaultKind.Status && !FaultAnswers.Texts.ContainsKey(Status) ? $"status is one of {string.Join(", ", FaultAnswers.Texts.Keys)}."
        : Probability is < 0 or > 1 ? "probability is between 0 and 1."
        : Milliseconds < 0 || Times <= 0 ? "milliseconds and times are positive."
        : null;
}

public enum FaultKind
{
    /// <summary>The answer comes late.</summary>
    Delay,

    /// <summary>An error instead of an answer; nothing was done.</summary>
    Status,

    /// <summary>The request is carried out, a submission accepted, and the connection then cut without an answer.</summary>
    Timeout,

    /// <summary>What is read is old: the index takes blocks in late.</summary>
    Stale,
}
