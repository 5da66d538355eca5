using System.Text.Json;
using CardanoRwa.Api.Assets;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Api.Minting;

internal static class OperationEndpoints
{
    public static RouteGroupBuilder MapOperations(this RouteGroupBuilder v1)
    {
        var asset = v1.MapGroup("/assets/{id:guid}").WithTags("Minting");
        asset.MapPost("/mints", Mint).Issues().WithSummary("Asks for a mint; needs an Idempotency-Key.").Produces<OperationView>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        asset.MapPost("/burns", Burn).Issues().WithSummary("Asks for a burn of tokens in the treasury; needs an Idempotency-Key.").Produces<OperationView>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        asset.MapGet("/operations", List).Reads().WithSummary("The asset's mints and burns, newest first.").ProducesProblem(404);

        var operation = v1.MapGroup("/operations/{id:guid}").WithTags("Minting");
        operation.MapGet("/", Get).Reads().WithSummary("A mint or burn and how far it is.").ProducesProblem(404);
        operation.MapGet("/events", OperationEvents.Stream).Reads().WithMetadata(new DisableRequestTimeoutAttribute()).WithSummary("Its progress as server-sent events, until it is over.").Produces<OperationView>(200, "text/event-stream").ProducesProblem(404);
        operation.MapPost("/approval", Decide).RequireAuthorization(Roles).WithSummary("Approves or rejects it: another person than who asked.").Produces<OperationView>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        operation.MapPost("/cancel", Cancel).Issues().WithSummary("Takes it back while it is in no transaction.").Produces<OperationView>().ProducesProblem(404).ProducesProblem(409);
        operation.MapGet("/transaction", Transaction).Reads().WithSummary("Its transaction, for signers elsewhere.").ProducesProblem(404).ProducesProblem(409);
        operation.MapPost("/witnesses", Witness).Issues().WithSummary("Adds signatures made elsewhere.").Produces<UnsignedView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        return v1;
    }

    private static void Roles(Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder policy) =>
        policy.RequireAuthenticatedUser().RequireRole(Core.Auth.Roles.Issuer, Core.Auth.Roles.Compliance, Core.Auth.Roles.Admin);

    private static async Task<Results<Written, ProblemHttpResult>> Mint(Guid id, RequestMint input, WriteContext write, MintDesk desk, CancellationToken cancellationToken)
    {
        if (input.Validate() is { } refusal)
        {
            return refusal.ToProblem();
        }
        var request = write.Request;
        return await write.ExecuteAsync((stamp, token) => desk.MintAsync(id, input, request, stamp, token), operation => Present(operation, 202), cancellationToken);
    }

    private static async Task<Results<Written, ProblemHttpResult>> Burn(Guid id, RequestBurn input, WriteContext write, MintDesk desk, CancellationToken cancellationToken)
    {
        if (input.Validate() is { } refusal)
        {
            return refusal.ToProblem();
        }
        var request = write.Request;
        return await write.ExecuteAsync((stamp, token) => desk.BurnAsync(id, input, request, stamp, token), operation => Present(operation, 202), cancellationToken);
    }

    private static async Task<Results<Ok<OperationPage>, ProblemHttpResult>> List(Guid id, string? limit, string? cursor, RwaDbContext db, OperationReader reader, CancellationToken cancellationToken)
    {
        if (KeysetPage.Parse(limit, cursor).IsRefused(out var refusal, out var page))
        {
            return refusal.ToProblem();
        }
        // Ids of operations follow from their keys and do not sort by time.
        var rows = await db.Operations.AsNoTracking()
            .Where(o => o.AssetId == id && (o.CreatedAt < page.BeforeAt || (o.CreatedAt == page.BeforeAt && o.Id < page.BeforeId)))
            .OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id)
            .Take(page.Limit + 1)
            .ToListAsync(cancellationToken);
        if (rows.Count == 0 && !await db.Assets.AnyAsync(a => a.Id == id, cancellationToken))
        {
            return AssetRegistry.NotFound(id).ToProblem();
        }
        var (items, next) = page.Cut(rows, o => (o.CreatedAt, o.Id));
        return TypedResults.Ok(new OperationPage(await reader.ViewAsync(items, cancellationToken), next));
    }

    private static async Task<Results<Ok<OperationView>, ProblemHttpResult>> Get(Guid id, OperationReader reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } view ? TypedResults.Ok(view) : MintDesk.NotFound(id).ToProblem();

    private static async Task<Results<Written, ProblemHttpResult>> Decide(Guid id, DecideOperation input, WriteContext write, MintDesk desk, CancellationToken cancellationToken)
    {
        if (input.Validate() is { } refusal)
        {
            return refusal.ToProblem();
        }
        return await write.ExecuteAsync((stamp, token) => desk.DecideAsync(id, input, stamp, token), operation => Present(operation, 200), cancellationToken);
    }

    private static async Task<Results<Written, ProblemHttpResult>> Cancel(Guid id, WriteContext write, MintDesk desk, CancellationToken cancellationToken) =>
        await write.ExecuteAsync((stamp, token) => desk.CancelAsync(id, stamp, token), operation => Present(operation, 200), cancellationToken);

    private static async Task<Results<Ok<UnsignedView>, ProblemHttpResult>> Transaction(Guid id, SignatureDesk desk, CancellationToken cancellationToken) =>
        (await desk.ShowAsync(id, cancellationToken)).IsRefused(out var refusal, out var view) ? refusal.ToProblem() : TypedResults.Ok(view);

    private static async Task<Results<Written, ProblemHttpResult>> Witness(Guid id, AddWitnesses input, WriteContext write, SignatureDesk desk, CancellationToken cancellationToken) =>
        await write.ExecuteAsync((stamp, token) => desk.AddAsync(id, input, stamp, token), view => new WriteResponse(200, JsonSerializer.SerializeToUtf8Bytes(view, RegistryJson.Default.UnsignedView)), cancellationToken);

    private static WriteResponse Present(Operation operation, int status) => new(
        status,
        JsonSerializer.SerializeToUtf8Bytes(OperationView.Of(operation), RegistryJson.Default.OperationView),
        status == 202 ? $"/api/v1/operations/{operation.Id}" : null);
}
