using CardanoRwa.Core.Webhooks;

namespace CardanoRwa.Core.Assets;

/// <summary>What an asset was worth on a day, and who said so. Never changed once written.</summary>
public sealed class Valuation : IAnnounced
{
    public Guid Id { get; init; }
    public Guid AssetId { get; init; }
    public decimal Value { get; init; }
    public required string Currency { get; init; }
    public DateOnly AsOf { get; init; }
    public required string Source { get; init; }
    public string? Note { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }

    Guid? IAudited.AssetId => AssetId;
    string IAudited.AuditName => "valuation";
    Announcement? IAnnounced.Announce(object? before) => before is null ? new(EventTypes.ValuationCreated) : null;
}
