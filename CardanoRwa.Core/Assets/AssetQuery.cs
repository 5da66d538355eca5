using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Assets;

public enum AssetSort
{
    CreatedAtDescending,
    CreatedAt,
    Value,
    ValueDescending,
    Name,
    NameDescending,
}

/// <summary>A checked question for a page of assets.</summary>
public sealed record AssetQuery(
    int Limit,
    AssetSort Sort,
    AssetStatus? Status,
    string? Kind,
    string? Jurisdiction,
    string? ExternalId,
    string? Text,
    decimal? MinValue,
    decimal? MaxValue,
    IReadOnlyList<KeyValuePair<string, string>> Attributes,
    AssetCursor? After)
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 200;

    public static readonly IReadOnlyDictionary<string, AssetSort> Sorts = new Dictionary<string, AssetSort>(StringComparer.Ordinal)
    {
        ["-createdAt"] = AssetSort.CreatedAtDescending,
        ["createdAt"] = AssetSort.CreatedAt,
        ["value"] = AssetSort.Value,
        ["-value"] = AssetSort.ValueDescending,
        ["name"] = AssetSort.Name,
        ["-name"] = AssetSort.NameDescending,
    };

    /// <summary>Everything that decides the answer, as one short key. Equal questions have equal keys.</summary>
    public string CacheKey => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new object?[] { Limit, Filters(), After?.Encode() })))[..32];

    /// <summary>Ties a cursor to the filters and order it came from.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(Filters()))))[..12];

    private object?[] Filters() => [Sort, Status, Kind, Jurisdiction, ExternalId, Text, MinValue, MaxValue, Attributes];

    /// <summary>Reads a query string's values; every fault is named.</summary>
    public static Result<AssetQuery> Parse(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var errors = new FieldErrors();
        var query = new AssetQuery(DefaultLimit, AssetSort.CreatedAtDescending, null, null, null, null, null, null, null, [], null);
        var attributes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? cursor = null;
        foreach (var (name, value) in parameters)
        {
            if (!seen.Add(name))
            {
                errors.Add(name, "must be given once");
                continue;
            }
            errors.Line(name, value, max: name == "cursor" ? 4_000 : 300);
            switch (name)
            {
                case "limit":
                    query = query with { Limit = int.TryParse(value, out var limit) && limit is >= 1 and <= MaxLimit ? limit : Fault(errors, name, $"must be from 1 to {MaxLimit}", 1) };
                    break;
                case "sort":
                    query = query with { Sort = Sorts.TryGetValue(value, out var sort) ? sort : Fault(errors, name, $"must be one of {string.Join(", ", Sorts.Keys)}", AssetSort.Name) };
                    break;
                case "status":
                    query = query with { Status = WireNames.TryParse<AssetStatus>(value, out var status) ? status : Fault(errors, name, "must be 'active' or 'retired'", AssetStatus.Active) };
                    break;
                case "kind":
                    errors.Slug(name, value);
                    query = query with { Kind = value };
                    break;
                case "jurisdiction":
                    errors.Jurisdiction(name, value);
                    query = query with { Jurisdiction = value };
                    break;
                case "externalId":
                    query = query with { ExternalId = value };
                    break;
                case "q":
                    query = query with { Text = value };
                    break;
                case "minValue":
                    query = query with { MinValue = Money(errors, name, value) };
                    break;
                case "maxValue":
                    query = query with { MaxValue = Money(errors, name, value) };
                    break;
                case "cursor":
                    cursor = value;
                    break;
                case var attribute when attribute.StartsWith("attr.", StringComparison.Ordinal) && attribute.Length is > 5 and < 105 && !attribute.Contains('\0') && attributes.Count < 5:
                    attributes[attribute[5..]] = value;
                    break;
                default:
                    errors.Add(name.Length > 100 ? name[..100] : name, "is not a parameter of this list (up to five attr.NAME are)");
                    break;
            }
        }
        query = query with { Attributes = [.. attributes] };
        if (cursor is not null && errors.ToRefusal() is null)
        {
            query = query with { After = AssetCursor.Decode(cursor, query.Sort, query.Fingerprint) };
            if (query.After is null)
            {
                errors.Add("cursor", "does not belong to this list; repeat the filters and sort of the page it came from, or start without it");
            }
        }
        return errors.ToRefusal() is { } refusal ? refusal : query;
    }

    private static decimal? Money(FieldErrors errors, string name, string value) =>
        decimal.TryParse(value, System.Globalization.NumberStyles.AllowDecimalPoint | System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var money)
            ? money
            : Fault<decimal?>(errors, name, "must be a decimal number", null);

    private static T Fault<T>(FieldErrors errors, string field, string message, T otherwise)
    {
        errors.Add(field, message);
        return otherwise;
    }
}
