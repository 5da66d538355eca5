using System.Text.Json;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Writes;
using CardanoRwa.Ipfs;
using CardanoRwa.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CardanoRwa.Core.Minting.Reconciling;

/// <summary>
/// Documents that a mint vouches for and the restored registry lacks. The chain names the manifest, IPFS has it, and the bytes are in the store
/// for evidence or on IPFS too. What was confidential is in no manifest, and the log has no gaps: whatever follows such an entry is for a person.
/// </summary>
public sealed class EvidenceRevival(
    RwaDbContext db, RegistryTransaction registry, AssetRegistry assets, EvidenceDesk desk, EvidenceManifest log, EvidenceVault vault, PinServices pinServices, IOptions<EvidenceOptions> options)
{
    private const int LargestManifest = 16 << 20;
    // A node that does not have a file searches the whole network for it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly IPinService? _pins = pinServices.Create();

    /// <param name="apply">Bring back what can be had.</param>
    /// <param name="progress">Hears of each document.</param>
    /// <param name="cancellationToken">Stops it; what was brought back stays.</param>
    internal async Task<(IReadOnlyList<ReconcileFinding> Applied, IReadOnlyList<ReconcileFinding> Left)> RunAsync(bool apply, Action<string> progress, CancellationToken cancellationToken)
    {
        var (applied, left) = (new List<ReconcileFinding>(), new List<ReconcileFinding>());
        foreach (var lacking in await FindAsync(cancellationToken))
        {
            if (apply && await FaultAsync(lacking, progress, cancellationToken) is { } fault)
            {
                left.Add(new(ReconcileFinding.EvidenceUnplaced, lacking.Cid, $"Operations of asset {lacking.AssetId} vouch for documents under this manifest, and the registry cannot have them all again: {fault}.",
                    "Where they are to be had again is for a person; what is uploaded anew is another entry, and the proof of these operations will say so."));
                continue;
            }
            (apply ? applied : left).Add(new(ReconcileFinding.EvidenceMissing, lacking.Cid, $"Operations of asset {lacking.AssetId} vouch for documents under this manifest that the registry lacks.", "They are brought back from IPFS and the store for evidence."));
        }
        return (applied, left);
    }

    /// <summary>Each length of a log that the registry knows has a pin of its manifest, whether or not anything was pinned.</summary>
    private Task<List<LackingManifest>> FindAsync(CancellationToken cancellationToken) => db.Database.SqlQuery<LackingManifest>($"""
        SELECT DISTINCT o.asset_id, o.evidence_cid AS cid FROM operations o
        WHERE o.evidence_cid IS NOT NULL AND NOT EXISTS (SELECT FROM evidence_pins p WHERE p.cid = o.evidence_cid) ORDER BY 1, 2
        """).ToListAsync(cancellationToken);

    /// <returns>Null once the registry's log has all entries of the manifest.</returns>
    private async Task<string?> FaultAsync(LackingManifest lacking, Action<string> progress, CancellationToken cancellationToken)
    {
        try
        {
            if (!vault.IsConfigured || _pins is null)
            {
                return "no store for evidence or no IPFS is configured here";
            }
            await using var spool = await OpenAsync(_pins.OpenAsync, lacking.Cid, LargestManifest, cancellationToken);
            if (spool is null || spool.Cid != lacking.Cid)
            {
                return $"{_pins.Name} does not have the manifest";
            }
            using var bytes = new MemoryStream();
            await spool.CopyToAsync(bytes.WriteAsync, cancellationToken);
            var manifest = JsonSerializer.Deserialize<Manifest>(bytes.ToArray(), JsonSerializerOptions.Web)!;
            foreach (var entry in manifest.Entries)
            {
                if (await PlaceAsync(lacking.AssetId, entry, cancellationToken) is { } fault)
                {
                    return fault;
                }
                progress($"Document {entry.Position} of asset {lacking.AssetId} is there.");
            }
            return (await log.RootAsync(lacking.AssetId, cancellationToken, manifest.Count)).ManifestCid == lacking.Cid ? null : "its entries do not come to it";
        }
        catch (Exception e) when (e is PinException or StoreException or JsonException)
        {
            return e.Message;
        }
    }

    private async Task<string?> PlaceAsync(Guid assetId, Entry entry, CancellationToken cancellationToken)
    {
        if (await StandsAsync() is { } stands)
        {
            return stands ? null : $"entry {entry.Position} of its log is another one by now";
        }
        if (entry.Confidential)
        {
            return $"entry {entry.Position} ({entry.Id}) is confidential, so only its hash is known";
        }
        await using var spool = await FetchAsync(entry, cancellationToken);
        if (spool is null)
        {
            return $"the bytes of entry {entry.Position} ({entry.Name}, {entry.Cid}) are neither in the store for evidence nor on IPFS";
        }
        await vault.StoreAsync(spool, cancellationToken);
        return await registry.RunAsync<string?>(ChainRepair.Actor, async (stamp, token) =>
        {
            if (await assets.LockAsync(assetId, token) is null || await log.EntriesAsync(assetId, null, token) is not { } entries || entries.Count != entry.Position - 1)
            {
                return $"entry {entry.Position} of its log was made by somebody else meanwhile";
            }
            await desk.AppendAsync(assetId, entries, new NewEvidence(entry.Id, entry.At, entry.Name!, null, null, entry.MediaType!, null), spool, stamp, token);
            return null;
        }, cancellationToken);

        async Task<bool?> StandsAsync() =>
            await db.Evidence.AsNoTracking().Where(e => e.AssetId == assetId && e.Position == entry.Position).Select(e => (Guid?)e.Id).SingleOrDefaultAsync(cancellationToken) is { } id ? id == entry.Id : null;
    }

    private async Task<EvidenceSpool?> FetchAsync(Entry entry, CancellationToken cancellationToken)
    {
        var sha256 = Convert.FromHexString(entry.Sha256!);
        foreach (var (source, name) in new (Func<string, CancellationToken, Task<Stream?>>, string)[] { (vault.OpenAsync, EvidenceContent.KeyOf(sha256)), (_pins!.OpenAsync, entry.Cid!) })
        {
            var spool = await OpenAsync(source, name, options.Value.MaxBytes, cancellationToken);
            if (spool?.Sha256.AsSpan().SequenceEqual(sha256) == true)
            {
                return spool;
            }
            if (spool is not null)
            {
                await spool.DisposeAsync();
            }
        }
        return null;
    }

    private async Task<EvidenceSpool?> OpenAsync(Func<string, CancellationToken, Task<Stream?>> source, string name, long limit, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var stream = await source(name, patience.Token);
            return stream is null ? null : await EvidenceSpool.ReadAsync(stream, options.Value.SpoolFolder, limit, null, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null; // nobody on the network has it, or nobody who is there
        }
    }

    private sealed record LackingManifest(Guid AssetId, string Cid);

    private sealed record Manifest(int Count, IReadOnlyList<Entry> Entries);

    /// <summary>Of a confidential one only place and id are told.</summary>
    private sealed record Entry(Guid Id, DateTimeOffset At, int Position, bool Confidential, string? Name, string? MediaType, string? Sha256, string? Cid);
}
