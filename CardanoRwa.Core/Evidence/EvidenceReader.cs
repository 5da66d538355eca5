using System.Linq.Expressions;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Evidence;

/// <summary>Reads of evidence. Where the registry is open to all, what is confidential is not: it is as if it were not there.</summary>
public sealed class EvidenceReader(RwaDbContext db)
{
    /// <summary>Newest first; one row more than asked for tells whether there is a next page.</summary>
    public async Task<List<EvidenceView>> ListAsync(Guid assetId, bool confidential, Guid before, int limit, CancellationToken cancellationToken) => await ViewAsync(
        await db.Evidence.AsNoTracking().Where(e => e.AssetId == assetId && e.Id < before && (confidential || !e.Confidential)).OrderByDescending(e => e.Id).Take(limit + 1).Select(WithoutLeaves).ToListAsync(cancellationToken), cancellationToken);

    public async Task<EvidenceView?> FindAsync(Guid assetId, Guid id, bool confidential, CancellationToken cancellationToken) => (await ViewAsync(
        await db.Evidence.AsNoTracking().Where(e => e.AssetId == assetId && e.Id == id && (confidential || !e.Confidential)).Select(WithoutLeaves).ToListAsync(cancellationToken), cancellationToken)).SingleOrDefault();

    /// <summary>With all that is needed to read and check the bytes.</summary>
    public Task<EvidenceItem?> FindContentAsync(Guid assetId, Guid id, bool confidential, CancellationToken cancellationToken) =>
        db.Evidence.AsNoTracking().Include(e => e.Content).SingleOrDefaultAsync(e => e.AssetId == assetId && e.Id == id && (confidential || !e.Confidential), cancellationToken);

    public static Refusal NotFound(Guid assetId, Guid id) =>
        new(RefusalKind.NotFound, "evidence_not_found", $"Asset {assetId} has no evidence {id}.", "List the asset's evidence with GET .../evidence.");

    // A large document's chunk hashes come to hundreds of kilobytes, for nobody who lists.
    internal static readonly Expression<Func<EvidenceItem, EvidenceItem>> WithoutLeaves = e => new EvidenceItem
    {
        Id = e.Id,
        AssetId = e.AssetId,
        Position = e.Position,
        Name = e.Name,
        Kind = e.Kind,
        Description = e.Description,
        MediaType = e.MediaType,
        Confidential = e.Confidential,
        Salt = e.Salt,
        ContentId = e.ContentId,
        Leaf = e.Leaf,
        UploadedBy = e.UploadedBy,
        CreatedAt = e.CreatedAt,
        Content = new EvidenceContent
        {
            Id = e.Content.Id,
            Sha256 = e.Content.Sha256,
            Length = e.Content.Length,
            Cid = e.Content.Cid,
            Leaves = Array.Empty<byte>(),
            StoredAt = e.Content.StoredAt,
            CheckedAt = e.Content.CheckedAt,
            DamagedAt = e.Content.DamagedAt,
            Damage = e.Content.Damage,
        },
    };

    private async Task<List<EvidenceView>> ViewAsync(List<EvidenceItem> items, CancellationToken cancellationToken)
    {
        var cids = items.Where(e => !e.Confidential).Select(e => e.Content.Cid).ToList();
        var pins = cids.Count == 0 ? [] : await db.EvidencePins.AsNoTracking().Where(p => cids.Contains(p.Cid)).ToDictionaryAsync(p => p.Cid, cancellationToken);
        return [.. items.Select(e => EvidenceView.Of(e, pins.GetValueOrDefault(e.Content.Cid)))];
    }
}
