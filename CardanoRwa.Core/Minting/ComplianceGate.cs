using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Minting;

/// <summary>
/// Whether an asset may be minted now: it is active, at least one check is approved for the jurisdiction, and no check's
/// newest decision is a rejection or has expired. Asked at the request and again when the transaction is made.
/// </summary>
public static class ComplianceGate
{
    public static async Task<Dictionary<Guid, List<ComplianceRecord>>> LoadAsync(RwaDbContext db, IReadOnlyCollection<Guid> assets, CancellationToken cancellationToken) =>
        (await db.ComplianceRecords.AsNoTracking().Where(r => assets.Contains(r.AssetId) && r.Status != ComplianceStatus.Pending).ToListAsync(cancellationToken))
        .GroupBy(r => r.AssetId).ToDictionary(g => g.Key, g => g.ToList());

    /// <param name="records">The asset's decided records.</param>
    /// <param name="recipientJurisdiction">Where the tokens go; null: the asset's own.</param>
    /// <returns>Why not, or null.</returns>
    public static Refusal? Check(Asset asset, IReadOnlyList<ComplianceRecord> records, string? recipientJurisdiction, DateTimeOffset now)
    {
        if (asset.Status == AssetStatus.Retired)
        {
            return new Refusal(RefusalKind.Conflict, "asset_retired", "The asset is retired.", "Tokens of a retired asset can be burned, not minted.");
        }
        if (records.Count == 0)
        {
            return No("compliance_missing", "The asset has no compliance approval.", "Request a check with POST .../compliance-records and have it approved.");
        }
        var newest = records.GroupBy(r => r.Check).Select(g => g.MaxBy(r => (r.DecidedAt, r.Id))!).ToList();
        if (newest.FirstOrDefault(r => r.Status == ComplianceStatus.Rejected) is { } rejected)
        {
            return No("compliance_rejected", $"The check '{rejected.Check}' was rejected: {rejected.Reason}", "Resolve the reason and request the check anew.");
        }
        if (newest.FirstOrDefault(r => r.EffectiveStatus(now) == ComplianceStatus.Expired) is { } expired)
        {
            return No("compliance_expired", $"The approval of '{expired.Check}' ended at {expired.ValidUntil:u}.", "Request the check anew and have it approved.");
        }
        var where = recipientJurisdiction ?? asset.Jurisdiction;
        return newest.Any(r => Covers(r.Jurisdiction, where))
            ? null
            : No("compliance_jurisdiction", $"No approval covers {where ?? "an unnamed jurisdiction"}; there are approvals for {string.Join(", ", newest.Select(r => r.Jurisdiction).Distinct())}.", $"Request a check for {where ?? "the jurisdiction"} and have it approved.");
    }

    /// <summary>A country's approval covers its parts; one without a jurisdiction covers all.</summary>
    private static bool Covers(string? approved, string? wanted) =>
        approved is null || approved == wanted || wanted?.StartsWith(approved + "-", StringComparison.Ordinal) == true;

    private static Refusal No(string code, string detail, string hint) => new(RefusalKind.Conflict, code, detail, hint);
}
