namespace CardanoRwa.DevNet.Faults;

/// <summary>Blockfrost's words for each status.</summary>
internal static class FaultAnswers
{
    internal static readonly SortedDictionary<int, (string Error, string Message)> Texts = new()
    {
        [402] = ("Project Over Limit", "Usage is over limit."),
        [403] = ("Forbidden", "Invalid project token."),
        [404] = ("Not Found", "The requested component has not been found."),
        [418] = ("Requested Banned", "IP has been auto-banned for flooding."),
        [425] = ("Mempool Full", "Mempool is full, please try resubmitting again later."),
        [429] = ("Project Over Limit", "Usage is over limit."),
        [500] = ("Internal Server Error", "An unexpected response was received from the backend."),
        [502] = ("Bad Gateway", "An unexpected response was received from the backend."),
        [503] = ("Service Unavailable", "The service is temporarily unavailable."),
        [504] = ("Gateway Timeout", "The backend did not answer in time."),
    };
}
