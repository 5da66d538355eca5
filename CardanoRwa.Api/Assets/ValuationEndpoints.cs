using System.Text.Json;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Api.Assets;

internal static class ValuationEndpoints
{
    public static RouteGroupBuilder MapValuations(this RouteGroupBuilder v1)
    {
        var valuations = v1.MapGroup("/assets/{id:guid}/valuations").WithTags("Valuations");
        valuations.MapPost("/", Create).Issues().WithSummary("Records what the asset is worth; the newest day's valuation is its value.")
            .Produces<ValuationView>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        valuations.MapGet("/", List).Reads().WithSummary("The asset's value history, newest day first.").ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Written, ProblemHttpResult>> Create(Guid id, CreateValuation input, WriteContext write, AssetRegistry registry, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (input.Validate(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)) is { } refusal)
        {
            return refusal.ToProblem();
        }
        return await write.ExecuteAsync(
            (stamp, token) => registry.ValueAsync(id, input, stamp, token),
            valuation => new WriteResponse(201, JsonSerializer.SerializeToUtf8Bytes(ValuationView.Of(valuation), RegistryJson.Default.ValuationView), $"/api/v1/assets/{id}/valuations"),
            cancellationToken);
    }

    private static async Task<Results<Ok<ValuationPage>, ProblemHttpResult>> List(Guid id, string? limit, string? cursor, RwaDbContext db, CancellationToken cancellationToken)
    {
        if (KeysetPage.Parse(limit, cursor).IsRefused(out var refusal, out var page))
        {
            return refusal.ToProblem();
        }
        var rows = await db.Valuations.AsNoTracking()
            .Where(v => v.AssetId == id && EF.Functions.LessThan(ValueTuple.Create(v.AsOf, v.Id), ValueTuple.Create(page.BeforeDay, page.BeforeId)))
            .OrderByDescending(v => v.AsOf).ThenByDescending(v => v.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancellationToken);
        if (rows.Count == 0 && !await db.Assets.AnyAsync(a => a.Id == id, cancellationToken))
        {
            return AssetRegistry.NotFound(id).ToProblem();
        }
        var (items, next) = page.Cut(rows, v => (v.AsOf, v.Id));
        return TypedResults.Ok(new ValuationPage([.. items.Select(ValuationView.Of)], next));
    }
}
