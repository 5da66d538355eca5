using CardanoRwa.Api.Assets;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Docs;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Api.Evidence;

internal static class EvidenceEndpoints
{
    public static RouteGroupBuilder MapEvidence(this RouteGroupBuilder v1)
    {
        var evidence = v1.MapGroup("/assets/{id:guid}/evidence").WithTags("Evidence");
        evidence.MapPost("/", Upload).Issues().WithMetadata(new StreamedBodyAttribute(), new DisableRequestSizeLimitAttribute(), new DisableRequestTimeoutAttribute()).DescribesDocument()
            .WithSummary("Adds a document to the asset: its bytes are the body.")
            .WithDescription("The bytes must be what Content-Type says. What is not confidential is pinned to IPFS, which is public and forgets nothing. Sending a document again whose stored copy is damaged mends it (200).")
            .Produces<EvidenceView>(201).Produces<EvidenceView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        evidence.MapGet("/", List).Reads().WithSummary("The asset's documents, newest first.").ProducesProblem(400).ProducesProblem(404);
        evidence.MapGet("/manifest", Manifest).Reads().WithSummary("The asset's documents as canonical JSON, with their Merkle root.")
            .WithDescription("The bytes are those that ETag and Rwa-Manifest-Cid name. With 'count' the manifest as it was when the log had that many entries.").Produces<string>(200, "application/json").ProducesProblem(400).ProducesProblem(404);
        evidence.MapGet("/{evidenceId:guid}", Get).Reads().WithSummary("One document's entry.").ProducesProblem(404);
        evidence.MapGet("/{evidenceId:guid}/content", Content).Reads().WithMetadata(new DisableRequestTimeoutAttribute()).WithSummary("A document's bytes, checked as they are read.")
            .Produces<string>(200, "application/octet-stream").Produces<string>(206, "application/octet-stream").Produces(304).ProducesProblem(404).ProducesProblem(416).ProducesProblem(500);
        evidence.MapGet("/{evidenceId:guid}/proof", Proof).Reads().WithSummary("The path from a document's entry to the Merkle root (RFC 6962).").ProducesProblem(400).ProducesProblem(404);
        return v1;
    }

    private static Task<IResult> Upload(Guid id, string? name, string? kind, string? description, bool? confidential, HttpContext context, WriteContext write, EvidenceUpload upload, CancellationToken cancellationToken) =>
        upload.RunAsync(context, write.Request, id, new DescribeEvidence(name, kind, description, confidential ?? false), cancellationToken);

    private static async Task<Results<Ok<EvidencePage>, ProblemHttpResult>> List(Guid id, string? limit, string? cursor, HttpContext context, EvidenceReader reader, RwaDbContext db, CancellationToken cancellationToken)
    {
        if (KeysetPage.Parse(limit, cursor).IsRefused(out var refusal, out var page))
        {
            return refusal.ToProblem();
        }
        var rows = await reader.ListAsync(id, MayReadConfidential(context), page.BeforeId, page.Limit, cancellationToken);
        if (rows.Count == 0 && !await db.Assets.AnyAsync(a => a.Id == id, cancellationToken))
        {
            return AssetRegistry.NotFound(id).ToProblem();
        }
        var (items, next) = page.Cut(rows, e => (DateOnly.MaxValue, e.Id));
        return TypedResults.Ok(new EvidencePage(items, next));
    }

    private static async Task<IResult> Manifest(Guid id, int? count, HttpContext context, EvidenceManifest manifest, RwaDbContext db, CancellationToken cancellationToken)
    {
        if (BadCount(count) is { } refusal)
        {
            return refusal.ToProblem();
        }
        if (!await db.Assets.AnyAsync(a => a.Id == id, cancellationToken))
        {
            return AssetRegistry.NotFound(id).ToProblem();
        }
        if (await manifest.RenderAsync(id, count, cancellationToken) is not ({ } json, { } root))
        {
            return TooLong(count).ToProblem();
        }
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers["Rwa-Evidence-Root"] = root.Root;
        if (root.ManifestCid is { } cid)
        {
            context.Response.Headers["Rwa-Manifest-Cid"] = cid;
        }
        return TypedResults.Bytes(json, "application/json", entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{root.ManifestCid ?? root.Root}\""));
    }

    private static async Task<Results<Ok<EvidenceView>, ProblemHttpResult>> Get(Guid id, Guid evidenceId, HttpContext context, EvidenceReader reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, evidenceId, MayReadConfidential(context), cancellationToken) is { } view ? TypedResults.Ok(view) : EvidenceReader.NotFound(id, evidenceId).ToProblem();

    private static async Task<IResult> Content(Guid id, Guid evidenceId, HttpContext context, EvidenceReader reader, EvidenceVault vault, CancellationToken cancellationToken)
    {
        if (await reader.FindContentAsync(id, evidenceId, MayReadConfidential(context), cancellationToken) is not { } item)
        {
            return EvidenceReader.NotFound(id, evidenceId).ToProblem();
        }
        return vault.IsConfigured ? new ContentAnswer(item, vault) : EvidenceUpload.NotConfigured();
    }

    private static async Task<Results<Ok<InclusionProof>, ProblemHttpResult>> Proof(Guid id, Guid evidenceId, int? count, HttpContext context, EvidenceReader reader, EvidenceManifest manifest, CancellationToken cancellationToken)
    {
        if (BadCount(count) is { } refusal)
        {
            return refusal.ToProblem();
        }
        if (await reader.FindAsync(id, evidenceId, MayReadConfidential(context), cancellationToken) is null)
        {
            return EvidenceReader.NotFound(id, evidenceId).ToProblem();
        }
        return await manifest.ProveAsync(id, evidenceId, cancellationToken, count) is { } proof ? TypedResults.Ok(proof) : TooLong(count).ToProblem();
    }

    /// <summary>Open reads are for what may be known to all.</summary>
    private static bool MayReadConfidential(HttpContext context) => context.User.Identity?.IsAuthenticated == true;

    private static Refusal? BadCount(int? count)
    {
        var errors = new FieldErrors();
        if (count < 1)
        {
            errors.Add("count", "must be at least 1");
        }
        return errors.ToRefusal();
    }

    private static Refusal TooLong(int? count) =>
        new(RefusalKind.NotFound, "evidence_count_unknown", $"The asset's log has no state with {count} entries that holds this.", "Leave 'count' out for the present state.");
}
