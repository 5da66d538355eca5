using System.Text;
using CardanoRwa.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Evidence;

/// <summary>An asset's evidence as one commitment. The log only grows, so the root at any earlier length can be had again.</summary>
public sealed class EvidenceManifest(RwaDbContext db)
{
    /// <param name="assetId">The asset.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="count">How many entries of the log, from the first; null: all.</param>
    public async Task<EvidenceRoot> RootAsync(Guid assetId, CancellationToken cancellationToken, int? count = null)
    {
        var entries = await EntriesAsync(assetId, count, cancellationToken);
        return Root(assetId, entries);
    }

    /// <summary>The manifest's canonical JSON and what it comes to; null if the log is not that long.</summary>
    public async Task<(byte[] Json, EvidenceRoot Root)?> RenderAsync(Guid assetId, int? count, CancellationToken cancellationToken)
    {
        var entries = await EntriesAsync(assetId, count, cancellationToken);
        return count > entries.Count ? null : (ManifestJson.Manifest(assetId, entries), Root(assetId, entries));
    }

    /// <summary>Shows that an entry is under the root at a length of the log; null if it is not.</summary>
    public async Task<InclusionProof?> ProveAsync(Guid assetId, Guid evidenceId, CancellationToken cancellationToken, int? count = null)
    {
        var entries = await EntriesAsync(assetId, count, cancellationToken);
        var index = entries.FindIndex(e => e.Id == evidenceId);
        if (index < 0 || count > entries.Count)
        {
            return null;
        }
        byte[][] leaves = [.. entries.Select(e => e.Leaf)];
        return new InclusionProof(
            Convert.ToHexStringLower(leaves[index]), index, leaves.Length, [.. MerkleTree.Path(leaves, index).Select(Convert.ToHexStringLower)],
            Convert.ToHexStringLower(MerkleTree.Root(leaves)), Encoding.UTF8.GetString(ManifestJson.Entry(entries[index])));
    }

    private static EvidenceRoot Root(Guid assetId, List<EvidenceItem> entries) => new(
        Convert.ToHexStringLower(MerkleTree.Root([.. entries.Select(e => e.Leaf)])), entries.Count,
        entries.Count == 0 ? null : ManifestJson.Cid(ManifestJson.Manifest(assetId, entries)));

    /// <summary>Without the chunk hashes, which a manifest does not need.</summary>
    internal Task<List<EvidenceItem>> EntriesAsync(Guid assetId, int? count, CancellationToken cancellationToken) => db.Evidence.AsNoTracking()
        .Where(e => e.AssetId == assetId && (count == null || e.Position <= count))
        .OrderBy(e => e.Position)
        .Select(EvidenceReader.WithoutLeaves)
        .ToListAsync(cancellationToken);
}
