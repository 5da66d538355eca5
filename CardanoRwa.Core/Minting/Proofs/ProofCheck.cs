namespace CardanoRwa.Core.Minting.Proofs;

/// <summary>One thing that was checked.</summary>
/// <param name="Name">A stable name such as 'transaction_bytes'.</param>
/// <param name="Subject">What it was checked on: an id, or 'file'.</param>
/// <param name="Detail">Why it failed, or what it found.</param>
public sealed record ProofCheck(string Name, string Subject, bool Passed, string Detail);

/// <summary>Takes checks down as they are made; none ends the others.</summary>
internal sealed class ProofChecks
{
    public List<ProofCheck> All { get; } = [];

    public bool That(bool passed, string name, string subject, string what, string? otherwise = null)
    {
        All.Add(new ProofCheck(name, subject, passed, passed ? what : otherwise ?? $"Not so: {what}"));
        return passed;
    }

    /// <summary>A check whose inputs may not even be readable.</summary>
    public bool Try(string name, string subject, string what, Func<string?> findFault)
    {
        string? fault;
        try
        {
            fault = findFault();
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or System.Text.Json.JsonException or InvalidOperationException or KeyNotFoundException)
        {
            fault = $"It cannot be read: {e.Message}";
        }
        return That(fault is null, name, subject, what, fault);
    }
}
