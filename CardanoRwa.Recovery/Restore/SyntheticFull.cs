using System.Globalization;
using System.Security.Cryptography;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Retention;

namespace CardanoRwa.Recovery.Restore;

/// <summary>Makes a full backup of a chain, from store to store, without touching the database. Needs a private key.</summary>
public sealed class SyntheticFull(IReadOnlyList<IObjectStore> stores, KeyRing keys, TimeProvider clock)
{
    /// <param name="request">Names the backup whose chain is folded; its directory is not used.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Outcome<BackupResult>> RunAsync(RestoreRequest request, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "planning";
        var planner = new RestorePlanner(new BackupCatalogue(stores, keys), keys, wal: null);
        if ((await planner.PlanAsync(request, cancellationToken)).IsRefused(out var refusal, out var plan))
        {
            return refusal;
        }
        var top = plan.Backup;
        if (plan.Chain.Count == 1)
        {
            return new RecoveryRefusal("backup.is-full", $"{top.Id} stands on no other backup.", "There is nothing to fold.");
        }

        if ((await BackupHold.TakeAsync(stores, top.SystemId, [.. plan.Chain.Select(c => c.Entry.Manifest.Id)], "fold", clock, cancellationToken)).IsRefused(out refusal, out var hold))
        {
            return refusal;
        }
        await using var held = hold;

        var id = $"{clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";
        var failed = new List<(IObjectStore Store, StoreException Cause)>();
        using var key = await keys.CreateAsync((store, cause) => failed.Add((store, cause)), cancellationToken);
        var objects = new ObjectWriters(top.SystemId, id, key, stores, progress);
        failed.ForEach(f => objects.Fail(f.Store, f.Cause));

        progress.Phase = "copying";
        var files = plan.Chain[^1].Index.Files.ToDictionary(f => f.Path, f => Empty(f), StringComparer.Ordinal);
        await using (var writer = new ExtentWriter(objects))
        {
            // One store for each backup of the chain: bytes that were appended cannot be taken back to try another.
            var links = plan.Chain.Select(c => c with { Entry = c.Entry with { Stores = [c.Entry.Stores[0]] } }).ToList();
            var wanted = ChainFiles.Resolve([.. links.Select(l => l.Index)]);
            progress.Expect(wanted.Sum(w => w.Bytes));
            var restorer = new ObjectRestorer(links, progress, clock);
            var sink = new AppendingSink(writer, files);
            foreach (var item in wanted)
            {
                await restorer.RestoreAsync(item, sink, cancellationToken);
                writer.EndExtent();
            }
            await writer.CompleteAsync(cancellationToken);
        }

        progress.Phase = "manifest";
        var index = new FileIndex(plan.Chain[^1].Index.Directories, [.. files.Values.Select(f => f.ToIndexed()!).OrderBy(f => f.Path, StringComparer.Ordinal)]);
        var stored = await objects.PutAsync(Layout.Files(top.SystemId, id), index.ToBytes(), cancellationToken);
        var manifest = top with
        {
            Id = id,
            Kind = BackupKind.Synthetic,
            ParentId = null,
            FullBecause = null,
            DataKeyId = key.Id,
            StoredBytes = objects.Done.Sum(o => o.StoredLength) + stored.Length,
            Files = stored,
            Objects = objects.Done,
        };
        await objects.PutAsync(Layout.Manifest(top.SystemId, id), ManifestFile.ToBytes(manifest, key), cancellationToken);
        progress.Phase = "done";
        return new BackupResult(manifest, [.. objects.Live.Select(s => s.Name)], objects.Failures, 0);
    }

    private static SourceFile Empty(IndexedFile file)
    {
        var copy = new SourceFile(file.Path, file.Length, null);
        copy.SawUpTo(file.Length);
        return copy;
    }

    private sealed class AppendingSink(ExtentWriter writer, Dictionary<string, SourceFile> files) : IFileSink
    {
        public ValueTask WriteAsync(string path, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            writer.AppendAsync(files[path], offset, bytes, cancellationToken);
    }
}
