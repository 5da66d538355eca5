using CardanoRwa.Core.ChainSnapshots;

namespace CardanoRwa.Worker.ChainSnapshots;

/// <summary>What lies open beside a sealed snapshot: enough to find it, to open it with a key, and to check it, without a word of its contents.</summary>
/// <param name="Object">The sealed lines; the name is part of the seal.</param>
/// <param name="PlainSha256">Of the lines.</param>
/// <param name="SealedSha256">Of the object.</param>
/// <param name="Cid">Its name on IPFS by the platform's own reckoning; null when nothing is configured to pin to.</param>
/// <param name="PinnedAs">As the service named it; null while it is not pinned.</param>
internal sealed record SnapshotRecord(
    int Version, string Id, SnapshotSummary Summary, string Object, string DataKeyId, string PlainSha256, string SealedSha256, long SealedLength, string? Cid, string? PinnedAs, string? PinFault)
{
    public const int CurrentVersion = 1;
}
