using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Imports;

/// <summary>Applies a batch of rows to the registry inside the caller's transaction.</summary>
internal sealed class ImportBatch(RwaDbContext db, ChangeStamp stamp)
{
    private readonly Dictionary<string, Asset> _assets = new(StringComparer.Ordinal);
    private readonly HashSet<(Guid, string)> _fingerprints = [];
    private readonly HashSet<(Guid, DateOnly, decimal)> _valuations = [];
    private readonly List<Asset> _newAssets = [];
    private readonly List<Valuation> _newValuations = [];
    private readonly List<ImportFingerprint> _newFingerprints = [];

    public async Task<List<ImportRow>> ApplyAsync(IReadOnlyList<ImportRecord> records, CancellationToken cancellationToken)
    {
        var externalIds = records.Select(r => r.ExternalId).Distinct(StringComparer.Ordinal).ToArray();
        // Always in the order of ids, so that two imports of the same file wait for each other instead of deadlocking.
        foreach (var asset in await db.Assets.FromSql($"SELECT * FROM assets WHERE external_id = ANY({externalIds}) ORDER BY external_id FOR NO KEY UPDATE").ToListAsync(cancellationToken))
        {
            _assets[asset.ExternalId!] = asset;
        }
        if (_assets.Count > 0)
        {
            await LoadHistoryAsync([.. _assets.Values.Select(a => a.Id)], cancellationToken);
        }
        List<ImportRow> outcome = [.. records.Select(Apply)];
        await InsertAsync(cancellationToken);
        return outcome;
    }

    /// <summary>New rows go in by COPY, several times faster than statements; changed ones are tracked.</summary>
    private async Task InsertAsync(CancellationToken cancellationToken)
    {
        var audit = _newAssets.Cast<IAudited>().Concat(_newValuations).Select(e => AuditTrail.Created(e, db.Model, Guid.CreateVersion7(stamp.At), stamp)).ToList();
        await BulkInsert.CopyAsync(db, _newAssets, cancellationToken);
        await BulkInsert.CopyAsync(db, _newValuations, cancellationToken);
        await BulkInsert.CopyAsync(db, _newFingerprints, cancellationToken);
        await BulkInsert.CopyAsync(db, audit, cancellationToken);
    }

    private async Task LoadHistoryAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        foreach (var f in await db.ImportFingerprints.AsNoTracking().Where(f => ids.Contains(f.AssetId)).ToListAsync(cancellationToken))
        {
            _fingerprints.Add((f.AssetId, Convert.ToHexString(f.RowHash)));
        }
        foreach (var v in await db.Valuations.AsNoTracking().Where(v => ids.Contains(v.AssetId)).Select(v => new { v.AssetId, v.AsOf, v.Value }).ToListAsync(cancellationToken))
        {
            _valuations.Add((v.AssetId, v.AsOf, v.Value));
        }
    }

    private ImportRow Apply(ImportRecord record)
    {
        if (!_assets.TryGetValue(record.ExternalId, out var asset))
        {
            return Create(record);
        }
        if (asset.Status == AssetStatus.Retired)
        {
            return Failed(record, asset, "asset_retired", "The asset is retired.");
        }
        if (record.Asset.Currency is { } currency && currency != asset.Currency)
        {
            return Failed(record, asset, "currency_mismatch", $"The asset is valued in {asset.Currency}.");
        }
        if (!_fingerprints.Add((asset.Id, Convert.ToHexString(record.Hash))))
        {
            return new ImportRow(record.Row, "unchanged", record.ExternalId, asset.Id);
        }
        _newFingerprints.Add(new ImportFingerprint { AssetId = asset.Id, RowHash = record.Hash });

        // Without a date a row says what the asset is worth now: that is news only if it differs.
        var asOf = record.AsOf ?? stamp.Today;
        var value = record.Asset.Value!.Value;
        var valued = (record.AsOf is not null || value != asset.Value) && AddValuation(asset, asOf, value);
        var updated = asOf >= asset.ValueAsOf && Update(asset, record, asOf, value);
        if (valued || updated)
        {
            return new ImportRow(record.Row, valued ? "valued" : "updated", record.ExternalId, asset.Id);
        }
        return new ImportRow(record.Row, "unchanged", record.ExternalId, asset.Id);
    }

    private ImportRow Create(ImportRecord record)
    {
        var asset = Asset.Register(record.Asset, Guid.CreateVersion7(stamp.At), record.AsOf ?? stamp.Today, record.Attributes, stamp.At);
        _newAssets.Add(asset);
        _assets[record.ExternalId] = asset;
        _fingerprints.Add((asset.Id, Convert.ToHexString(record.Hash)));
        _newFingerprints.Add(new ImportFingerprint { AssetId = asset.Id, RowHash = record.Hash });
        AddValuation(asset, asset.ValueAsOf, asset.Value);
        return new ImportRow(record.Row, "created", record.ExternalId, asset.Id);
    }

    private bool AddValuation(Asset asset, DateOnly asOf, decimal value)
    {
        if (!_valuations.Add((asset.Id, asOf, value)))
        {
            return false;
        }
        _newValuations.Add(new Valuation
        {
            Id = Guid.CreateVersion7(stamp.At),
            AssetId = asset.Id,
            Value = value,
            Currency = asset.Currency,
            AsOf = asOf,
            Source = "import",
            CreatedAt = stamp.At,
            CreatedBy = stamp.Actor,
        });
        return true;
    }

    private bool Update(Asset asset, ImportRecord record, DateOnly asOf, decimal value)
    {
        var input = record.Asset;
        asset.Name = input.Name!;
        asset.Kind = input.Kind ?? asset.Kind;
        asset.Jurisdiction = input.Jurisdiction ?? asset.Jurisdiction;
        asset.Description = input.Description ?? asset.Description;
        asset.Attributes = record.Attributes;
        asset.Value = value;
        asset.ValueAsOf = asOf;
        var entry = db.Entry(asset);
        if (entry.State == EntityState.Detached)
        {
            return true; // made by this batch and not written yet
        }
        if (entry.State == EntityState.Modified)
        {
            // One batch is one change, however many of its rows speak of the asset.
            asset.Version = entry.OriginalValues.GetValue<int>(nameof(Asset.Version)) + 1;
            asset.UpdatedAt = stamp.At;
        }
        return entry.State != EntityState.Unchanged;
    }

    private static ImportRow Failed(ImportRecord record, Asset asset, string code, string detail) =>
        new(record.Row, "failed", record.ExternalId, asset.Id, code, detail);
}
