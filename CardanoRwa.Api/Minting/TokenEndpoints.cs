using System.Text.Json;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Minting;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Api.Minting;

internal static class TokenEndpoints
{
    public static RouteGroupBuilder MapTokens(this RouteGroupBuilder v1)
    {
        var token = v1.MapGroup("/assets/{id:guid}/token").WithTags("Minting");
        token.MapPut("/", Put).Issues().WithSummary("Sets the asset's token up: minting policy, name, cap, metadata.").Produces<TokenView>().Produces<TokenView>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        token.MapGet("/", Get).Reads().WithSummary("The asset's token, with its policy in words.").ProducesProblem(404);
        return v1;
    }

    private static async Task<Results<Written, ProblemHttpResult>> Put(Guid id, PutToken input, WriteContext write, TokenDesk desk, CancellationToken cancellationToken)
    {
        if (input.Validate() is { } refusal)
        {
            return refusal.ToProblem();
        }
        return await write.ExecuteAsync((stamp, token) => desk.PutAsync(id, input, stamp, token), done => new WriteResponse(
            done.Created ? 201 : 200,
            JsonSerializer.SerializeToUtf8Bytes(TokenView.Of(done.Token, done.Wallet), RegistryJson.Default.TokenView),
            done.Created ? $"/api/v1/assets/{id}/token" : null), cancellationToken);
    }

    private static async Task<Results<Ok<TokenView>, ProblemHttpResult>> Get(Guid id, RwaDbContext db, CancellationToken cancellationToken) =>
        await db.Tokens.AsNoTracking().SingleOrDefaultAsync(t => t.AssetId == id, cancellationToken) is { } token
            ? TypedResults.Ok(TokenView.Of(token, await db.Wallet.AsNoTracking().SingleAsync(cancellationToken)))
            : TokenDesk.NotFound(id).ToProblem();
}
