using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Pages;
using CardanoRwa.Api.Problems;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Minting.Proofs;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

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

    private static async Task<IResult> Get(Guid id, HttpContext context, ProofWriter writer, IOptions<AuthOptions> access, CancellationToken cancellationToken)
    {
        if (await writer.WriteAsync(id, cancellationToken) is not { } file)
        {
            return AssetRegistry.NotFound(id).ToProblem();
        }
        // Who may read it, decides who may keep it.
        context.Response.Headers.CacheControl = access.Value.PublicReads ? CacheHeaders.Proof : "private, no-cache";
        return TypedResults.Stream(file, "application/json", $"proof-{id}.json", entityTag: new EntityTagHeaderValue(await ProofTag.OfAsync(file, cancellationToken), isWeak: true));
    }
}
