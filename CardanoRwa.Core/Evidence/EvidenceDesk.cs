using System.Security.Cryptography;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Evidence;

/// <summary>The rules by which evidence is added to an asset. Its bytes are in the store already.</summary>
public sealed class EvidenceDesk(RwaDbContext db, AssetRegistry assets, EvidenceManifest manifest, IOptions<EvidenceOptions> options)
{
    /// <summary>What would be refused is refused before its bytes are taken; <see cref="AddAsync"/> decides again.</summary>
    public async Task<Refusal?> PrecheckAsync(Guid assetId, CancellationToken cancellationToken) =>
        await db.Assets.Where(a => a.Id == assetId).Select(a => (AssetStatus?)a.Status).SingleOrDefaultAsync(cancellationToken) switch
        {
            null => AssetRegistry.NotFound(assetId),
            AssetStatus.Retired => AssetRegistry.Retired(),
            _ => null,
        };

    public async Task<Result<AddedEvidence>> AddAsync(Guid assetId, DescribeEvidence about, string mediaType, EvidenceSpool spool, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if ((await assets.LockActiveAsync(assetId, cancellationToken)).IsRefused(out var refusal, out _))
        {
            return refusal;
        }
        var contentId = EvidenceContent.IdOf(spool.Sha256);
        var entries = await manifest.EntriesAsync(assetId, null, cancellationToken);
        if (entries.Find(e => e.ContentId == contentId) is { } known)
        {
            return await MeetAgainAsync(known, stamp, cancellationToken);
        }
        if (entries.Count >= options.Value.MaxPerAsset)
        {
            return new Refusal(RefusalKind.Conflict, "evidence_limit", $"The asset has {entries.Count} documents, the most an asset may have.", "Bundle what belongs together in one document.");
        }

        var salt = about.Confidential ? RandomNumberGenerator.GetBytes(16) : null;
        var item = await AppendAsync(assetId, entries, new NewEvidence(stamp.EntityId, stamp.At, about.Name!, about.Kind, about.Description, mediaType, salt), spool, stamp, cancellationToken);
        return new AddedEvidence(item, await db.EvidencePins.AsNoTracking().SingleOrDefaultAsync(p => p.Cid == item.Content.Cid, cancellationToken), IsNew: true);
    }

    /// <summary>Under the asset's lock, in the caller's transaction.</summary>
    /// <param name="entries">All that the asset has so far.</param>
    internal async Task<EvidenceItem> AppendAsync(Guid assetId, IReadOnlyList<EvidenceItem> entries, NewEvidence entry, EvidenceSpool spool, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var contentId = EvidenceContent.IdOf(spool.Sha256);
        // Another asset's upload of the same bytes may be committing: whoever is second waits here and finds the row.
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO evidence_contents (id, sha256, length, cid, leaves, stored_at, checked_at)
            VALUES ({contentId}, {spool.Sha256}, {spool.Length}, {spool.Cid}, {spool.Leaves}, {stamp.At}, {stamp.At}) ON CONFLICT (id) DO NOTHING
            """, cancellationToken);
        var content = await LockContentAsync(contentId, cancellationToken);
        content.DamagedAt = null;
        content.Damage = null;

        var position = entries.Count + 1;
        var item = new EvidenceItem
        {
            Id = entry.Id,
            AssetId = assetId,
            Position = position,
            Name = entry.Name,
            Kind = entry.Kind ?? "document",
            Description = entry.Description,
            MediaType = entry.MediaType,
            Confidential = entry.Salt is not null,
            Salt = entry.Salt,
            ContentId = contentId,
            Content = content,
            Leaf = MerkleTree.Leaf(ManifestJson.Entry(entry.Id, entry.At, entry.Name, entry.MediaType, position, content, entry.Salt)),
            UploadedBy = stamp.Actor,
            CreatedAt = entry.At,
        };
        db.Evidence.Add(item);
        if (!item.Confidential)
        {
            await OrderPinAsync(content.Cid, assetId, contentId, null, stamp, cancellationToken);
        }
        await OrderPinAsync(ManifestJson.Cid(ManifestJson.Manifest(assetId, [.. entries, item])), assetId, null, position, stamp, cancellationToken);
        return item;
    }

    /// <summary>Sending a document again is refused, unless its stored copy was damaged: that is how it is mended.</summary>
    private async Task<Result<AddedEvidence>> MeetAgainAsync(EvidenceItem known, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        var content = await LockContentAsync(known.ContentId, cancellationToken);
        var pin = await db.EvidencePins.AsNoTracking().SingleOrDefaultAsync(p => p.Cid == content.Cid, cancellationToken);
        if (known.Id == stamp.EntityId)
        {
            return new AddedEvidence(known, pin, IsNew: true); // by an earlier attempt of this very change
        }
        if (content.DamagedAt is null)
        {
            return new Refusal(RefusalKind.Conflict, "evidence_exists", $"The asset has this document already, as evidence {known.Id}.", "GET that entry; a new version of a document has other bytes.");
        }
        content.DamagedAt = null;
        content.Damage = null;
        known.Content.DamagedAt = null;
        return new AddedEvidence(known, pin, IsNew: false);
    }

    private Task<EvidenceContent> LockContentAsync(Guid id, CancellationToken cancellationToken) =>
        db.EvidenceContents.FromSql($"SELECT * FROM evidence_contents WHERE id = {id} FOR NO KEY UPDATE").SingleAsync(cancellationToken);

    private Task<int> OrderPinAsync(string cid, Guid assetId, Guid? contentId, int? manifestCount, ChangeStamp stamp, CancellationToken cancellationToken) => db.Database.ExecuteSqlAsync($"""
        INSERT INTO evidence_pins (id, asset_id, cid, content_id, manifest_count, status, attempts, next_at)
        VALUES ({Guid.CreateVersion7(stamp.At)}, {assetId}, {cid}, {contentId}, {manifestCount}, 'pending', 0, {stamp.At}) ON CONFLICT (cid) DO NOTHING
        """, cancellationToken);
}

/// <summary>What an entry says besides its bytes and its place.</summary>
/// <param name="Salt">Of a confidential one.</param>
internal sealed record NewEvidence(Guid Id, DateTimeOffset At, string Name, string? Kind, string? Description, string MediaType, byte[]? Salt);

/// <param name="Item">The entry.</param>
/// <param name="Pin">The pin of its bytes, if there is one.</param>
/// <param name="IsNew">False when the upload mended the stored bytes of an entry that was there.</param>
public sealed record AddedEvidence(EvidenceItem Item, EvidencePin? Pin, bool IsNew)
{
    public EvidenceView View => EvidenceView.Of(Item, Pin);
}
