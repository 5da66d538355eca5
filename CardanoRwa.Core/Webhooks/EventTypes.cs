namespace CardanoRwa.Core.Webhooks;

/// <summary>What subscribers can be told. A type, once told, keeps its name and meaning.</summary>
public static class EventTypes
{
    public const string AssetCreated = "asset.created";
    public const string AssetChanged = "asset.changed";
    public const string AssetRetired = "asset.retired";
    public const string ValuationCreated = "valuation.created";
    public const string ComplianceRequested = "compliance.requested";
    public const string EvidenceStored = "evidence.stored";
    public const string EvidencePinned = "evidence.pinned";
    public const string EvidencePinFailed = "evidence.pin_failed";
    public const string EvidenceDamaged = "evidence.damaged";
    public const string EvidenceRestored = "evidence.restored";
    public const string Ping = "ping";

    public static readonly IReadOnlyList<string> All =
    [
        AssetCreated, AssetChanged, AssetRetired, ValuationCreated,
        ComplianceRequested, "compliance.approved", "compliance.rejected", "compliance.expired",
        EvidenceStored, EvidencePinned, EvidencePinFailed, EvidenceDamaged, EvidenceRestored,
        "operation.awaiting_approval", "operation.queued", "operation.awaiting_signatures", "operation.signed", "operation.submitted", "operation.confirmed", "operation.failed",
    ];

    /// <summary>A type, '*' for all, or 'subject.*' for all of a subject.</summary>
    public static bool IsPattern(string text) => text == "*" || All.Contains(text) || All.Any(t => $"{t.Split('.')[0]}.*" == text);
}
