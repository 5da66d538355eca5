using System.Security.Cryptography;
using System.Text;
using CardanoRwa.Cardano.Addresses;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Minting;

/// <summary>What the platform asks of every mint and burn, whatever its token says.</summary>
public sealed class MintingRules
{
    public const string Section = "Minting";

    /// <summary>Every mint and burn waits for a second person.</summary>
    public bool RequireApproval { get; set; }
}

/// <summary>Takes mints and burns in, under the compliance gate, the supply cap and the four-eyes rule.</summary>
public sealed class MintDesk(RwaDbContext db, AssetRegistry assets, EvidenceManifest evidence, IOptions<MintingRules> rules)
{
    public Task<Result<Operation>> MintAsync(Guid assetId, RequestMint input, WriteRequest request, ChangeStamp stamp, CancellationToken cancellationToken) =>
        RequestAsync(assetId, OperationKind.Mint, input.Quantity!.Value, input.Recipient, input.Jurisdiction, request, stamp, cancellationToken);

    public Task<Result<Operation>> BurnAsync(Guid assetId, RequestBurn input, WriteRequest request, ChangeStamp stamp, CancellationToken cancellationToken) =>
        RequestAsync(assetId, OperationKind.Burn, input.Quantity!.Value, null, null, request, stamp, cancellationToken);

    /// <summary>The same key of the same principal gives the same operation for ever, even where the registry was restored without it and the chain brought it back.</summary>
    public static Guid IdOf(WriteRequest request)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"rwa-operation\n{request.Actor}\n{request.Key}"), hash);
        hash[6] = (byte)(hash[6] & 0x0f | 0x80); // RFC 9562: version 8, made by a rule of one's own
        hash[8] = (byte)(hash[8] & 0x3f | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    private async Task<Result<Operation>> RequestAsync(
        Guid assetId, OperationKind kind, long quantity, string? recipient, string? jurisdiction, WriteRequest request, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (request.Key is null)
        {
            return new Refusal(RefusalKind.Invalid, "idempotency_key_required", "Minting and burning need an Idempotency-Key header.", "Send a new key (a UUID) with each new request and repeat it when you repeat the request: then nothing is ever minted twice.");
        }
        var id = IdOf(request);
        // Asset before token, as wherever both are locked.
        if (await assets.LockAsync(assetId, cancellationToken) is not { } asset)
        {
            return AssetRegistry.NotFound(assetId);
        }
        if (await LockTokenAsync(assetId, cancellationToken) is not { } token)
        {
            return new Refusal(RefusalKind.Conflict, "token_missing", "The asset has no token yet.", "Set it up with PUT /api/v1/assets/{id}/token.");
        }
        // Only now, so that one being read back from the chain at this moment is seen.
        if (await db.Operations.SingleOrDefaultAsync(o => o.Id == id, cancellationToken) is { } known)
        {
            return IsSame(known, assetId, kind, quantity, request)
                ? known
                : new Refusal(RefusalKind.Unprocessable, "idempotency_key_reused", "This Idempotency-Key was already used for a different request.", "Send a new key with every new request; repeat a key only with the same method, path and body.");
        }
        var refusal = kind == OperationKind.Burn ? CheckBurn(token, quantity) : await CheckMintAsync(asset, token, quantity, recipient, jurisdiction, stamp.At, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        token.FrozenAt ??= stamp.At;
        var (mints, burns) = kind == OperationKind.Mint ? (quantity, 0L) : (0L, quantity);
        await db.Database.ExecuteSqlAsync($"UPDATE tokens SET minted = minted + {mints}, burning = burning + {burns} WHERE asset_id = {assetId}", cancellationToken);
        // What whoever approves this could see; later evidence belongs to later operations.
        var root = kind == OperationKind.Mint ? await evidence.RootAsync(assetId, cancellationToken) : null;
        var operation = new Operation
        {
            Id = id,
            AssetId = assetId,
            Kind = kind,
            Quantity = quantity,
            Recipient = recipient,
            Jurisdiction = jurisdiction,
            State = token.RequiresApproval || rules.Value.RequireApproval ? OperationState.AwaitingApproval : OperationState.Queued,
            EvidenceRoot = root is { Count: > 0 } ? root.Root : null,
            EvidenceCid = root?.ManifestCid,
            RequestedBy = stamp.Actor,
            RequestHash = request.RequestHash,
            CreatedAt = stamp.At,
            UpdatedAt = stamp.At,
        };
        db.Operations.Add(operation);
        return operation;
    }

    private static Refusal? CheckBurn(Token token, long quantity) => quantity <= token.Minted - token.Burning
        ? null
        : new Refusal(RefusalKind.Conflict, "supply_too_small", $"Only {token.Minted - token.Burning} are in circulation and not being burned.", "Burn less, or wait for mints under way.");

    private async Task<Refusal?> CheckMintAsync(Asset asset, Token token, long quantity, string? recipient, string? jurisdiction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var wallet = await db.Wallet.AsNoTracking().SingleAsync(cancellationToken);
        if (recipient is not null && Network(Address.Parse(recipient)) != wallet.Network)
        {
            return new Refusal(RefusalKind.Invalid, "wrong_network", $"The recipient is not an address of {wallet.Network}.", $"Send an address that begins with {(wallet.Network == "mainnet" ? "addr1" : "addr_test1")}.");
        }
        var records = await ComplianceGate.LoadAsync(db, [token.AssetId], cancellationToken);
        if (ComplianceGate.Check(asset, records.GetValueOrDefault(token.AssetId, []), jurisdiction, now) is { } refusal)
        {
            return refusal;
        }
        // What is being burned may still fail, so it counts as in circulation until it is gone.
        var inCirculation = token.Minted - token.Burned;
        return quantity > (token.MaxSupply ?? long.MaxValue) - inCirculation
            ? new Refusal(RefusalKind.Conflict, "supply_cap_exceeded", $"The cap is {token.MaxSupply?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "what the ledger can count"}; {inCirculation} are in circulation or being minted.", "Mint less, burn first, or raise the cap while the token is not frozen.")
            : null;
    }

    public async Task<Result<Operation>> DecideAsync(Guid id, DecideOperation input, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await LockAsync(id, cancellationToken) is not { } operation)
        {
            return NotFound(id);
        }
        if (operation.State != OperationState.AwaitingApproval)
        {
            return new Refusal(RefusalKind.Conflict, "not_awaiting_approval", $"The operation is {operation.State.Wire()}.", "Only an operation that awaits approval can be decided.");
        }
        if (operation.RequestedBy == stamp.Actor)
        {
            return new Refusal(RefusalKind.Forbidden, "four_eyes", "Who asked for an operation cannot approve or reject it.", "Have another person decide; to take it back yourself, cancel it.");
        }
        (operation.DecidedBy, operation.DecisionReason) = (stamp.Actor, input.Reason);
        if (input.Decision == "approved")
        {
            operation.Move(OperationState.Queued, stamp.At);
        }
        else
        {
            operation.Fail("rejected", $"Rejected by {stamp.Actor}: {input.Reason}", stamp.At);
            await ReturnSupplyAsync(db, [operation], cancellationToken);
        }
        return operation;
    }

    /// <summary>Takes an operation back that is in no transaction yet.</summary>
    public async Task<Result<Operation>> CancelAsync(Guid id, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await LockAsync(id, cancellationToken) is not { } operation)
        {
            return NotFound(id);
        }
        if (operation.FailureCode == "cancelled")
        {
            return operation;
        }
        if (operation is not { State: OperationState.AwaitingApproval or OperationState.Queued, Anchor: null })
        {
            return new Refusal(RefusalKind.Conflict, "too_late", $"The operation is {operation.State.Wire()}; its transaction may be on its way.", "Wait until it is confirmed or failed; burn what should not have been minted.");
        }
        operation.Fail("cancelled", $"Cancelled by {stamp.Actor}.", stamp.At);
        await ReturnSupplyAsync(db, [operation], cancellationToken);
        return operation;
    }

    /// <summary>Failed operations no longer count against the cap or the circulation.</summary>
    internal static async Task ReturnSupplyAsync(RwaDbContext db, IReadOnlyCollection<Operation> failed, CancellationToken cancellationToken)
    {
        foreach (var token in failed.GroupBy(o => o.AssetId).OrderBy(g => g.Key))
        {
            var (mints, burns) = (token.Where(o => o.Kind == OperationKind.Mint).Sum(o => o.Quantity), token.Where(o => o.Kind == OperationKind.Burn).Sum(o => o.Quantity));
            await db.Database.ExecuteSqlAsync($"UPDATE tokens SET minted = minted - {mints}, burning = burning - {burns} WHERE asset_id = {token.Key}", cancellationToken);
        }
    }

    public Task<Operation?> LockAsync(Guid id, CancellationToken cancellationToken) =>
        db.Operations.FromSql($"SELECT * FROM operations WHERE id = {id} FOR NO KEY UPDATE").SingleOrDefaultAsync(cancellationToken);

    public static Refusal NotFound(Guid id) =>
        new(RefusalKind.NotFound, "operation_not_found", $"There is no operation {id}.", "Check the id, or list the asset's with GET /api/v1/assets/{id}/operations.");

    private Task<Token?> LockTokenAsync(Guid assetId, CancellationToken cancellationToken) =>
        db.Tokens.FromSql($"SELECT * FROM tokens WHERE asset_id = {assetId} FOR NO KEY UPDATE").SingleOrDefaultAsync(cancellationToken);

    // One read back from the chain has no hash; its meaning must do.
    private static bool IsSame(Operation known, Guid assetId, OperationKind kind, long quantity, WriteRequest request) =>
        known.AssetId == assetId && known.Kind == kind && known.Quantity == quantity && (known.RequestHash is null || known.RequestHash.AsSpan().SequenceEqual(request.RequestHash));

    internal static string Network(Address address) => address.Network == CardanoNetwork.Mainnet ? "mainnet" : "testnet";
}
