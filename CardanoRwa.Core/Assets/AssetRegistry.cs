using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Assets;

/// <summary>The rules by which assets change. Every method mutates tracked entities; the writer saves them.</summary>
public sealed class AssetRegistry(RwaDbContext db)
{
    public Result<Asset> Create(CreateAsset input, ChangeStamp stamp)
    {
        var (asset, valuation) = New(input, stamp);
        db.Assets.Add(asset);
        db.Valuations.Add(valuation);
        return asset;
    }

    /// <summary>A new asset and what it is worth today.</summary>
    public static (Asset Asset, Valuation Valuation) New(CreateAsset input, ChangeStamp stamp)
    {
        var asset = Asset.Register(input, stamp.EntityId, stamp.Today, input.Attributes?.GetRawText() ?? "{}", stamp.At);
        return (asset, new Valuation
        {
            Id = stamp.EntityId,
            AssetId = asset.Id,
            Value = asset.Value,
            Currency = asset.Currency,
            AsOf = asset.ValueAsOf,
            Source = stamp.Actor,
            CreatedAt = stamp.At,
            CreatedBy = stamp.Actor,
        });
    }

    public async Task<Result<Asset>> PatchAsync(Guid id, AssetPatch patch, string ifMatch, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if ((await LockActiveAsync(id, cancellationToken)).IsRefused(out var refusal, out var asset))
        {
            return refusal;
        }
        if (!Matches(ifMatch, asset.Version))
        {
            return new Refusal(RefusalKind.PreconditionFailed, "version_conflict", $"The asset is at version {asset.Version}; the If-Match header names another.", "GET the asset again, re-apply your change to what it is now, and send its new ETag.");
        }
        if (patch.ApplyTo(asset))
        {
            Touch(asset, stamp);
        }
        return asset;
    }

    public async Task<Result<Asset>> RetireAsync(Guid id, string reason, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await LockAsync(id, cancellationToken) is not { } asset)
        {
            return NotFound(id);
        }
        if (asset.Status == AssetStatus.Active)
        {
            asset.Status = AssetStatus.Retired;
            asset.RetiredReason = reason;
            Touch(asset, stamp);
        }
        return asset;
    }

    public async Task<Result<Valuation>> ValueAsync(Guid id, CreateValuation input, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if ((await LockActiveAsync(id, cancellationToken)).IsRefused(out var refusal, out var asset))
        {
            return refusal;
        }
        if (input.Currency is not null && input.Currency != asset.Currency)
        {
            return new Refusal(RefusalKind.Conflict, "currency_mismatch", $"The asset is valued in {asset.Currency}.", "Convert the valuation to the asset's currency, or register a new asset.");
        }
        var valuation = new Valuation
        {
            Id = stamp.EntityId,
            AssetId = id,
            Value = input.Value!.Value,
            Currency = asset.Currency,
            AsOf = input.AsOf ?? stamp.Today,
            Source = input.Source ?? stamp.Actor,
            Note = input.Note,
            CreatedAt = stamp.At,
            CreatedBy = stamp.Actor,
        };
        db.Valuations.Add(valuation);
        if (valuation.AsOf >= asset.ValueAsOf)
        {
            asset.Value = valuation.Value;
            asset.ValueAsOf = valuation.AsOf;
            Touch(asset, stamp);
        }
        return valuation;
    }

    /// <summary>Loads an asset for change; others who want to change it wait.</summary>
    public Task<Asset?> LockAsync(Guid id, CancellationToken cancellationToken) =>
        db.Assets.FromSql($"SELECT * FROM assets WHERE id = {id} FOR NO KEY UPDATE").SingleOrDefaultAsync(cancellationToken);

    public async Task<Result<Asset>> LockActiveAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await LockAsync(id, cancellationToken) is not { } asset)
        {
            return NotFound(id);
        }
        return asset.Status == AssetStatus.Retired ? Retired() : asset;
    }

    public static Refusal Retired() =>
        new(RefusalKind.Conflict, "asset_retired", "The asset is retired; it can be read but not changed.", "Register a new asset if this one was retired by mistake.");

    public static Refusal NotFound(Guid id) =>
        new(RefusalKind.NotFound, "asset_not_found", $"There is no asset {id}.", "Check the id, or find the asset with GET /api/v1/assets.");

    private static void Touch(Asset asset, ChangeStamp stamp)
    {
        asset.Version++;
        asset.UpdatedAt = stamp.At;
    }

    private static bool Matches(string ifMatch, int version) =>
        ifMatch.Trim() == "*" || ifMatch.Split(',').Any(tag => tag.Trim() == AssetView.TagOf(version));
}
