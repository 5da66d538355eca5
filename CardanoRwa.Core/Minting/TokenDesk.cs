using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting;

/// <summary>Sets tokens up. What holders rely on (policy, name, standard) stands from the first mint on; the cap can then only sink.</summary>
public sealed class TokenDesk(RwaDbContext db, AssetRegistry assets)
{
    public static readonly Refusal WalletNotReady = new(
        RefusalKind.Conflict, "wallet_not_ready", "No worker has told its minting keys yet.", "Start a worker with a wallet (setting Minting:Mnemonic or key files) and a chain (Chain:Url), then try again.");

    public async Task<Result<(Token Token, WalletState Wallet, bool Created)>> PutAsync(Guid assetId, PutToken input, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await db.Wallet.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { } wallet)
        {
            return WalletNotReady;
        }
        if ((await assets.LockActiveAsync(assetId, cancellationToken)).IsRefused(out var refusal, out var asset))
        {
            return refusal;
        }
        if (PolicyMaker.Make(input.Policy, wallet).IsRefused(out refusal, out var script))
        {
            return refusal;
        }

        var token = await db.Tokens.FromSql($"SELECT * FROM tokens WHERE asset_id = {assetId} FOR NO KEY UPDATE").SingleOrDefaultAsync(cancellationToken);
        var wanted = new Token
        {
            AssetId = assetId,
            PolicyId = script.Hash.ToString(),
            PolicyScript = script.Bytes.ToArray(),
            AssetName = input.Name()!.Value.ToString(),
            Standard = input.ParsedStandard,
            Metadata = TokenMetadata.Compose(input, asset),
            MaxSupply = input.MaxSupply,
            RequiresApproval = input.RequiresApproval,
            CreatedAt = stamp.At,
            UpdatedAt = stamp.At,
        };
        if (TokenMetadata.FindFault(wanted) is { } fault)
        {
            return new Refusal(RefusalKind.Invalid, "token_metadata_invalid", fault, "Give displayName, image and description as the standard asks, or choose the standard 'plain'.");
        }
        if (await db.Tokens.AnyAsync(t => t.AssetId != assetId && t.PolicyId == wanted.PolicyId && t.AssetName == wanted.AssetName, cancellationToken))
        {
            return new Refusal(RefusalKind.Conflict, "token_name_taken", "Another asset has this name under the same policy; both would be one token.", "Choose another assetName or another policy.");
        }
        if (token is null)
        {
            db.Tokens.Add(wanted);
            return (wanted, wallet, true);
        }
        return Change(token, wanted, stamp).IsRefused(out refusal, out _) ? refusal : (token, wallet, false);
    }

    private static Result<Token> Change(Token token, Token wanted, ChangeStamp stamp)
    {
        if (token.FrozenAt is { } frozen)
        {
            if (token.PolicyId != wanted.PolicyId || token.AssetName != wanted.AssetName || token.Standard != wanted.Standard || TokenNames.IsSingle(token) != TokenNames.IsSingle(wanted))
            {
                return new Refusal(RefusalKind.Conflict, "token_frozen", $"The first mint was asked for at {frozen:u}; policy, name and standard stand since.", "Send them unchanged; metadata, approval and a lower cap can still be set.");
            }
            if (token.MaxSupply is { } cap && !(wanted.MaxSupply <= cap) || wanted.MaxSupply < token.Minted - token.Burned)
            {
                return new Refusal(RefusalKind.Conflict, "cap_cannot_rise", $"The cap of {token.MaxSupply?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"} is a promise to holders; {token.Minted - token.Burned} are in circulation.", "Send the same cap or a lower one, not below what is in circulation.");
            }
        }
        (token.PolicyId, token.PolicyScript, token.AssetName, token.Standard) = (wanted.PolicyId, wanted.PolicyScript, wanted.AssetName, wanted.Standard);
        (token.Metadata, token.MaxSupply, token.RequiresApproval) = (wanted.Metadata, wanted.MaxSupply, wanted.RequiresApproval);
        token.UpdatedAt = stamp.At;
        token.Version++;
        return token;
    }

    public static Refusal NotFound(Guid assetId) =>
        new(RefusalKind.NotFound, "token_not_found", $"Asset {assetId} has no token.", "Set it up with PUT /api/v1/assets/{id}/token.");
}
