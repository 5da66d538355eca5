using System.Text.Json.Serialization;
using CardanoRwa.Core.Text;

namespace CardanoRwa.Core.Assets;

/// <summary>What an asset is worth on a day; the newest day's valuation becomes the asset's value.</summary>
/// <param name="Value">Money: from 0 to below 1e20, at most 8 decimals.</param>
/// <param name="Currency">ISO 4217 code; the asset's own when absent.</param>
/// <param name="AsOf">The day it holds for; today (UTC) when absent.</param>
/// <param name="Source">Who says so; the caller when absent.</param>
/// <param name="Note">Up to 2,000 characters.</param>
public sealed record CreateValuation([property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] decimal? Value, string? Currency = null, DateOnly? AsOf = null, string? Source = null, string? Note = null)
{
    public Refusal? Validate(DateOnly today)
    {
        var errors = new FieldErrors();
        errors.Money("value", Value);
        errors.Currency("currency", Currency);
        errors.Line("source", Source, max: 200, min: Source is null ? 0 : 1);
        errors.Prose("note", Note, max: 2_000);
        if (AsOf > today.AddDays(1))
        {
            errors.Add("asOf", "must not be in the future");
        }
        return errors.ToRefusal();
    }
}

public sealed record ValuationView(Guid Id, Guid AssetId, decimal Value, string Currency, DateOnly AsOf, string Source, string? Note, DateTimeOffset CreatedAt, string CreatedBy)
{
    public static ValuationView Of(Valuation v) => new(v.Id, v.AssetId, v.Value, v.Currency, v.AsOf, v.Source, v.Note, v.CreatedAt, v.CreatedBy);
}

public sealed record ValuationPage(IReadOnlyList<ValuationView> Items, string? Next);
