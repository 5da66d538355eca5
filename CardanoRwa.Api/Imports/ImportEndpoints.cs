using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Imports;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Api.Imports;

internal static class ImportEndpoints
{
    public const string Json = "application/json";
    public const string NdJson = "application/x-ndjson";
    private const long LargestFile = 4L * 1024 * 1024 * 1024;

    public static RouteGroupBuilder MapImports(this RouteGroupBuilder v1)
    {
        var imports = v1.MapGroup("/assets").WithTags("Imports");
        imports.MapPost("/import", Import).Issues().WithMetadata(new StreamedBodyAttribute(), new RequestSizeLimitAttribute(LargestFile), new DisableRequestTimeoutAttribute())
            .WithSummary("Imports a CSV or NDJSON file.")
            .WithDescription("Rows are known by externalId, so a file can be sent again. Query parameters map columns to fields: externalId, name, value, currency, kind, jurisdiction, description, asOf take a template such as 'Parcel {id}, {zipcode}'; asOfFormat is a .NET date format; attributes is '*' (the rest) or a list of columns. With 'Accept: application/x-ndjson' the answer streams a line a row as batches commit, and the totals last.")
            .Accepts<string>("text/csv", NdJson).Produces<ImportReport>().ProducesProblem(400).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
        imports.MapGet("/imports", List).Reads().WithSummary("The latest fifty imports.");
        imports.MapGet("/imports/{importId:guid}", Get).Reads().WithSummary("An import's progress.").ProducesProblem(404);
        imports.MapGet("/imports/{importId:guid}/failures", Failures).Reads().WithSummary("An import's refused rows.");
        imports.MapPost("/imports/{importId:guid}/cancel", Cancel).Issues().WithSummary("Cancels an import; what was taken in stays.").ProducesProblem(404);
        return v1;
    }

    private static async Task<IResult> Import(HttpContext context, WriteContext write, ImportSession session, CancellationToken cancellationToken)
    {
        var parameters = context.Request.Query.SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v ?? "")));
        if (ImportMapping.Parse(parameters).IsRefused(out var refusal, out var mapping))
        {
            return refusal.ToProblem();
        }
        Func<Stream, CancellationToken, IAsyncEnumerable<SourceRow>>? reader = MediaType(context.Request) switch
        {
            "text/csv" => ImportReaders.Csv,
            NdJson or "application/jsonl" => ImportReaders.NdJson,
            _ => null,
        };
        if (reader is null)
        {
            return Refusals.Problem(415, "unsupported_media_type", "An import reads CSV or NDJSON.", $"Send Content-Type: text/csv or {NdJson}.");
        }
        return await session.RunAsync(context, write.Request, mapping, reader, cancellationToken);
    }

    private static async Task<Ok<ImportPage>> List(RwaDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var runs = await db.ImportRuns.AsNoTracking().OrderByDescending(r => r.Id).Take(50).ToListAsync(cancellationToken);
        return TypedResults.Ok(new ImportPage([.. runs.Select(r => ImportView.Of(r, clock.GetUtcNow()))]));
    }

    private static async Task<Results<Ok<ImportView>, ProblemHttpResult>> Get(Guid importId, RwaDbContext db, TimeProvider clock, CancellationToken cancellationToken) =>
        await db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == importId, cancellationToken) is { } run
            ? TypedResults.Ok(ImportView.Of(run, clock.GetUtcNow()))
            : NotFound(importId).ToProblem();

    private static async Task<Ok<ImportFailurePage>> Failures(Guid importId, int? afterRow, RwaDbContext db, CancellationToken cancellationToken)
    {
        const int Page = 1_000;
        var after = afterRow ?? 0;
        var rows = await db.ImportFailures.AsNoTracking().Where(f => f.ImportId == importId && f.Row > after).OrderBy(f => f.Row).Take(Page).ToListAsync(cancellationToken);
        return TypedResults.Ok(new ImportFailurePage([.. rows.Select(f => new ImportRow(f.Row, "failed", f.ExternalId, null, f.Code, f.Detail))], rows.Count == Page ? rows[^1].Row : null));
    }

    private static Task<Results<Written, ProblemHttpResult>> Cancel(Guid importId, WriteContext write, RwaDbContext db, CancellationToken cancellationToken) =>
        write.ExecuteAsync(async (stamp, token) =>
        {
            var run = await db.ImportRuns.FromSql($"SELECT * FROM import_runs WHERE id = {importId} FOR UPDATE").SingleOrDefaultAsync(token);
            if (run is null)
            {
                return NotFound(importId);
            }
            if (run.Status == ImportStatus.Running)
            {
                run.Status = ImportStatus.Cancelled;
                run.FinishedAt = run.UpdatedAt = stamp.At;
            }
            return (Result<ImportView>)ImportView.Of(run, stamp.At);
        }, view => new WriteResponse(200, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(view, RegistryJson.Default.ImportView)), cancellationToken);

    private static string MediaType(HttpRequest request) =>
        Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType.ToString().ToLowerInvariant() : "";

    private static Refusal NotFound(Guid id) => new(RefusalKind.NotFound, "import_not_found", $"There is no import {id}.", "List imports with GET /api/v1/assets/imports.");
}
