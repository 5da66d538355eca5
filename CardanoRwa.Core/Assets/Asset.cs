using CardanoRwa.Core.Webhooks;
using NpgsqlTypes;

namespace CardanoRwa.Core.Assets;

public enum AssetStatus
{
    Active,
    Retired,
}

/// <summary>A registered real-world asset. Its value is that of its newest valuation.</summary>
public sealed class Asset : IAnnounced
{
    public Guid Id { get; init; }

    /// <summary>The issuer's own identifier; unique where given, and what makes an import repeatable.</summary>
    public string? ExternalId { get; init; }

    public required string Name { get; set; }
    public required string Kind { get; set; }
    public string? Jurisdiction { get; set; }
    public string? Description { get; set; }

    /// <summary>Money in <see cref="Currency"/>, at most 20 digits before and 8 after the point.</summary>
    public decimal Value { get; set; }

    /// <summary>ISO 4217 alphabetic code.</summary>
    public required string Currency { get; set; }

    /// <summary>The day of the valuation that <see cref="Value"/> comes from.</summary>
    public DateOnly ValueAsOf { get; set; }

    public AssetStatus Status { get; set; }
    public string? RetiredReason { get; set; }

    /// <summary>A JSON object of the issuer's own fields.</summary>
    public string Attributes { get; set; } = "{}";

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Counts the changes; it is the entity tag and the concurrency token.</summary>
    public int Version { get; set; } = 1;

    public NpgsqlTsVector Search { get; init; } = null!;

    /// <summary>A new asset from checked input, worth what the input says on <paramref name="asOf"/>.</summary>
    public static Asset Register(CreateAsset input, Guid id, DateOnly asOf, string attributes, DateTimeOffset at) => new()
    {
        Id = id,
        ExternalId = input.ExternalId,
        Name = input.Name!,
        Kind = input.Kind ?? "other",
        Jurisdiction = input.Jurisdiction,
        Description = input.Description,
        Value = input.Value!.Value,
        Currency = input.Currency ?? "USD",
        ValueAsOf = asOf,
        Attributes = attributes,
        CreatedAt = at,
        UpdatedAt = at,
    };

    Guid? IAudited.AssetId => Id;
    string IAudited.AuditName => "asset";

    Announcement? IAnnounced.Announce(object? before) => new(before switch
    {
        null => EventTypes.AssetCreated,
        Asset was when was.Status != Status => EventTypes.AssetRetired,
        _ => EventTypes.AssetChanged,
    });
}
