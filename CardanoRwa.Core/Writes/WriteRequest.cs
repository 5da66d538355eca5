namespace CardanoRwa.Core.Writes;

/// <summary>Who asks for a write, and under which Idempotency-Key if any.</summary>
/// <param name="Actor">The principal; keys of different principals never meet.</param>
/// <param name="Key">The client's Idempotency-Key.</param>
/// <param name="RequestHash">SHA-256 of method, path and body.</param>
public sealed record WriteRequest(string Actor, string? Key, byte[] RequestHash);

/// <summary>The answer to a write, as sent and as kept under its key.</summary>
public sealed record WriteResponse(int StatusCode, byte[] Body, string? Location = null, string? ETag = null)
{
    /// <summary>True when this is the stored answer of an earlier, equal request.</summary>
    public bool Replayed { get; init; }
}
