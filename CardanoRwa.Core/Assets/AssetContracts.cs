using System.Text.Json;
using System.Text.Json.Serialization;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Assets;

/// <summary>Registers an asset. Name and value suffice; currency defaults to USD, kind to 'other'.</summary>
/// <param name="Name">1 to 300 characters.</param>
/// <param name="Value">Money in <paramref name="Currency"/>: from 0 to below 1e20, at most 8 decimals. A JSON number, or a string where a client's numbers are too small.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Kind">A slug such as 'real-estate'.</param>
/// <param name="Jurisdiction">ISO 3166-1 or 3166-2 code, such as 'US-WA'.</param>
/// <param name="ExternalId">The issuer's own identifier, unique where given.</param>
/// <param name="Description">Up to 10,000 characters.</param>
/// <param name="Attributes">A JSON object of own fields.</param>
public sealed record CreateAsset(
    string? Name,
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] decimal? Value,
    string? Currency = null,
    string? Kind = null,
    string? Jurisdiction = null,
    string? ExternalId = null,
    string? Description = null,
    JsonElement? Attributes = null)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        errors.Line("name", Name, max: 300, min: 1);
        errors.Money("value", Value);
        errors.Currency("currency", Currency);
        errors.Slug("kind", Kind);
        errors.Jurisdiction("jurisdiction", Jurisdiction);
        errors.Line("externalId", ExternalId, max: 200, min: ExternalId is null ? 0 : 1);
        errors.Prose("description", Description, max: 10_000);
        errors.Attributes("attributes", Attributes);
        return errors.ToRefusal();
    }
}

/// <summary>A JSON merge patch (RFC 7396): absent members stay, null clears. The value changes by a new valuation only.</summary>
public sealed record PatchAsset
{
    public JsonElement Name { get; init; }
    public JsonElement Kind { get; init; }
    public JsonElement Jurisdiction { get; init; }
    public JsonElement Description { get; init; }
    public JsonElement Attributes { get; init; }
}

public sealed record RetireAsset(string? Reason)
{
    public Refusal? Validate()
    {
        var errors = new FieldErrors();
        errors.Line("reason", Reason, max: 1_000, min: 1);
        return errors.ToRefusal();
    }
}

public sealed record AssetView(
    Guid Id,
    string Name,
    decimal Value,
    string Currency,
    DateOnly ValueAsOf,
    string Kind,
    string? Jurisdiction,
    string? ExternalId,
    string? Description,
    RawJson Attributes,
    string Status,
    string? RetiredReason,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int Version)
{
    public static string TagOf(int version) => $"\"{version}\"";

    public static AssetView Of(Asset a) => new(
        a.Id, a.Name, a.Value, a.Currency, a.ValueAsOf, a.Kind, a.Jurisdiction, a.ExternalId, a.Description,
        new RawJson(a.Attributes), a.Status.Wire(), a.RetiredReason, a.CreatedAt, a.UpdatedAt, a.Version);
}

/// <param name="Items">The page.</param>
/// <param name="Next">The cursor of the next page; absent on the last one.</param>
public sealed record AssetPage(IReadOnlyList<AssetView> Items, string? Next);
