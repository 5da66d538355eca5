using System.Text.Json;
using CardanoRwa.Api.Assets;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Api.Compliance;

internal static class ComplianceEndpoints
{
    public static RouteGroupBuilder MapCompliance(this RouteGroupBuilder v1)
    {
        var records = v1.MapGroup("/assets/{id:guid}/compliance-records").WithTags("Compliance");
        records.MapPost("/", Create).Issues().WithSummary("Asks for a check of the asset.").Produces<ComplianceView>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        records.MapGet("/", List).Reads().WithSummary("The asset's checks, newest first.").ProducesProblem(404);
        records.MapPost("/{recordId:guid}/decision", Decide).Complies().WithSummary("Approves or rejects a pending check, for good.").Produces<ComplianceView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        return v1;
    }

    private static async Task<Results<Written, ProblemHttpResult>> Create(Guid id, RequestCompliance input, WriteContext write, ComplianceDesk desk, CancellationToken cancellationToken)
    {
        if (input.Validate() is { } refusal)
        {
            return refusal.ToProblem();
        }
        return await write.ExecuteAsync((stamp, token) => desk.RequestAsync(id, input, stamp, token), record => Present(record, record.CreatedAt, 201), cancellationToken);
    }

    private static async Task<Results<Written, ProblemHttpResult>> Decide(Guid id, Guid recordId, DecideCompliance input, WriteContext write, ComplianceDesk desk, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (input.Validate(clock.GetUtcNow()) is { } refusal)
        {
            return refusal.ToProblem();
        }
        return await write.ExecuteAsync((stamp, token) => desk.DecideAsync(id, recordId, input, stamp, token), record => Present(record, record.DecidedAt!.Value, 200), cancellationToken);
    }

    private static async Task<Results<Ok<CompliancePage>, ProblemHttpResult>> List(Guid id, string? limit, string? cursor, RwaDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (KeysetPage.Parse(limit, cursor).IsRefused(out var refusal, out var page))
        {
            return refusal.ToProblem();
        }
        var rows = await db.ComplianceRecords.AsNoTracking()
            .Where(r => r.AssetId == id && r.Id < page.BeforeId)
            .OrderByDescending(r => r.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancellationToken);
        if (rows.Count == 0 && !await db.Assets.AnyAsync(a => a.Id == id, cancellationToken))
        {
            return AssetRegistry.NotFound(id).ToProblem();
        }
        var now = clock.GetUtcNow();
        var (items, next) = page.Cut(rows, r => (DateOnly.MaxValue, r.Id));
        return TypedResults.Ok(new CompliancePage([.. items.Select(r => ComplianceView.Of(r, now))], next));
    }

    private static WriteResponse Present(ComplianceRecord record, DateTimeOffset now, int status) => new(
        status,
        JsonSerializer.SerializeToUtf8Bytes(ComplianceView.Of(record, now), RegistryJson.Default.ComplianceView),
        status == 201 ? $"/api/v1/assets/{record.AssetId}/compliance-records" : null);
}
