using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Compliance;

/// <summary>Who may decide what about an asset's checks. Decisions are final; a new check asks anew.</summary>
public sealed class ComplianceDesk(RwaDbContext db, AssetRegistry assets)
{
    public async Task<Result<ComplianceRecord>> RequestAsync(Guid assetId, RequestCompliance input, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if ((await assets.LockActiveAsync(assetId, cancellationToken)).IsRefused(out var refusal, out var asset))
        {
            return refusal;
        }
        var record = new ComplianceRecord
        {
            Id = stamp.EntityId,
            AssetId = assetId,
            Check = input.Check!,
            Jurisdiction = input.Jurisdiction ?? asset.Jurisdiction,
            Note = input.Note,
            RequestedBy = stamp.Actor,
            CreatedAt = stamp.At,
        };
        db.ComplianceRecords.Add(record);
        return record;
    }

    public async Task<Result<ComplianceRecord>> DecideAsync(Guid assetId, Guid recordId, DecideCompliance input, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var record = await db.ComplianceRecords
            .FromSql($"SELECT * FROM compliance_records WHERE id = {recordId} AND asset_id = {assetId} FOR NO KEY UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        if (record is null)
        {
            return new Refusal(RefusalKind.NotFound, "compliance_record_not_found", $"Asset {assetId} has no compliance record {recordId}.", "List the asset's records with GET .../compliance-records.");
        }
        if (record.Status != ComplianceStatus.Pending)
        {
            return new Refusal(RefusalKind.Conflict, "already_decided", $"The record was decided by {record.DecidedBy} and a decision is final.", "Request a new check with POST .../compliance-records.");
        }
        record.Status = input.Decision == "approved" ? ComplianceStatus.Approved : ComplianceStatus.Rejected;
        record.Reason = input.Reason;
        record.DecidedBy = stamp.Actor;
        record.DecidedAt = stamp.At;
        record.ValidUntil = input.ValidUntil is { } until ? ChangeStamp.Microseconds(until.ToUniversalTime()) : null;
        record.Version++;
        return record;
    }

    /// <summary>Writes down the expiry of approvals whose end has passed, at most <paramref name="limit"/> at a time.</summary>
    public async Task<int> ExpireAsync(ChangeStamp stamp, int limit, CancellationToken cancellationToken)
    {
        var expired = await db.ComplianceRecords
            .FromSql($"SELECT * FROM compliance_records WHERE status = 'approved' AND valid_until <= {stamp.At} ORDER BY valid_until LIMIT {limit} FOR NO KEY UPDATE SKIP LOCKED")
            .ToListAsync(cancellationToken);
        foreach (var record in expired)
        {
            record.Status = ComplianceStatus.Expired;
            record.Version++;
        }
        return expired.Count;
    }
}
