using System.Text.Json;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Docs;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;
using CardanoRwa.Core.Assets;

namespace CardanoRwa.Api.Assets;

internal static class AssetEndpoints
{
    public static RouteGroupBuilder MapAssets(this RouteGroupBuilder v1)
    {
        var assets = v1.MapGroup("/assets").WithTags("Assets");
        assets.MapPost("/", Create).Issues().Produces<AssetView>(201).WithSummary("Registers an asset.").ProducesProblem(400).ProducesProblem(409).ProducesProblem(422);
        assets.MapGet("/", List).Reads().AnsweredFromMemory((context, cache) => cache.FindPage(context.Request.QueryString.Value ?? ""))
            .WithSummary("Lists assets, a keyset page at a time.").Produces<AssetPage>().ProducesProblem(400).DescribesListQuery();
        assets.MapGet("/{id:guid}", Get).Reads().AnsweredFromMemory((context, cache) => Guid.TryParse(context.GetRouteValue("id") as string, out var id) ? cache.FindAsset(id) : null)
            .WithName("GetAsset").WithSummary("One asset.").Produces<AssetView>().ProducesProblem(404);
        assets.MapPatch("/{id:guid}", Patch).Issues().Accepts<PatchAsset>("application/merge-patch+json", "application/json").Produces<AssetView>()
            .WithSummary("Changes an asset by a JSON merge patch; needs If-Match with its ETag.").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(428);
        assets.MapPost("/{id:guid}/retire", Retire).Issues().Produces<AssetView>().WithSummary("Retires an asset for good.").ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Written, ProblemHttpResult>> Create(CreateAsset input, HttpContext context, AssetIntake intake, CancellationToken cancellationToken)
    {
        if (input.Validate() is { } refusal)
        {
            return refusal.ToProblem();
        }
        var result = await intake.RegisterAsync(context.WriteRequest(), input, static asset => Present(asset, 201), cancellationToken);
        return result.IsRefused(out var taken, out var response) ? taken.ToProblem() : new Written(response);
    }

    private static async Task<Results<Answer, ProblemHttpResult>> List(HttpRequest request, AssetReader reader, CancellationToken cancellationToken)
    {
        var parameters = request.Query.SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v ?? "")));
        if (AssetQuery.Parse(parameters).IsRefused(out var refusal, out var query))
        {
            return refusal.ToProblem();
        }
        return new Answer(await reader.ListAsync(query, request.QueryString.Value ?? "", cancellationToken));
    }

    private static async Task<Results<Answer, ProblemHttpResult>> Get(Guid id, AssetReader reader, CancellationToken cancellationToken)
    {
        var answer = await reader.GetAsync(id, cancellationToken);
        return answer.IsMissing ? AssetRegistry.NotFound(id).ToProblem() : new Answer(answer);
    }

    private static async Task<Results<Written, ProblemHttpResult>> Patch(Guid id, PatchAsset input, HttpRequest request, WriteContext write, AssetRegistry registry, CancellationToken cancellationToken)
    {
        if (request.Headers.IfMatch.ToString() is not { Length: > 0 } ifMatch)
        {
            return new Refusal(RefusalKind.PreconditionRequired, "if_match_required", "A change must say which version it is for.", "GET the asset and send its ETag as If-Match.").ToProblem();
        }
        if (AssetPatch.Parse(input).IsRefused(out var refusal, out var patch))
        {
            return refusal.ToProblem();
        }
        return await write.ExecuteAsync((stamp, token) => registry.PatchAsync(id, patch, ifMatch, stamp, token), asset => Present(asset, 200), cancellationToken);
    }

    private static async Task<Results<Written, ProblemHttpResult>> Retire(Guid id, RetireAsset input, WriteContext write, AssetRegistry registry, CancellationToken cancellationToken)
    {
        if (input.Validate() is { } refusal)
        {
            return refusal.ToProblem();
        }
        return await write.ExecuteAsync((stamp, token) => registry.RetireAsync(id, input.Reason!, stamp, token), asset => Present(asset, 200), cancellationToken);
    }

    private static WriteResponse Present(Asset asset, int status) => new(
        status,
        JsonSerializer.SerializeToUtf8Bytes(AssetView.Of(asset), RegistryJson.Default.AssetView),
        status == 201 ? $"/api/v1/assets/{asset.Id}" : null,
        AssetView.TagOf(asset.Version));
}
