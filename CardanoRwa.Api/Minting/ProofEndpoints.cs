using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Minting.Proofs;

namespace CardanoRwa.Api.Minting;

internal static class ProofEndpoints
{
    public static RouteGroupBuilder MapProofs(this RouteGroupBuilder v1)
    {
        v1.MapGet("/assets/{id:guid}/proof", Get).WithTags("Minting").Reads()
            .WithSummary("All that a third party needs to check the asset's token, as one file.")
            .WithDescription("'CardanoRwa.Worker verify-proof FILE' checks it without the registry; with a provider, against the chain.")
            .Produces<ProofFile>(200, "application/json").ProducesProblem(404);
        return v1;
    }

    private static async Task<IResult> Get(Guid id, HttpContext context, ProofWriter writer, CancellationToken cancellationToken)
    {
        if (await writer.WriteAsync(id, cancellationToken) is not { } file)
        {
            return AssetRegistry.NotFound(id).ToProblem();
        }
        context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Stream(file, "application/json", $"proof-{id}.json");
    }
}
