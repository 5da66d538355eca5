using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Retention;
using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>
/// A physical backup over ordinary SQL connections: the low-level backup functions held open by one session, the files read by others (or from the
/// data directory, where it is at hand), the WAL in between copied too, and the manifest written last. Until that nothing is listed, whenever it is killed.
/// </summary>
public sealed class BaseBackup(IReadOnlyList<IObjectStore> stores, KeyRing keys, TimeProvider clock)
{
    /// <summary>
    /// Has what the end of a backup needs compiled while its beginning leaves a core idle: for a process that makes one backup and ends, of which that is a tenth.
    /// </summary>
    public static Task PrepareAsync() => Task.Run(static () =>
    {
        using var key = DataKey.New();
        PageChecksum.Compute(new byte[8192], 0);
        var index = new FileIndex([], [new IndexedFile("", 0, false, "", [default])]).ToBytes();
        ManifestFile.ToBytes(new BackupManifest
        {
            Id = "",
            SystemId = "",
            Kind = default,
            State = default,
            DataKeyId = key.Id,
            Timeline = 0,
            StartLsn = default,
            StopLsn = default,
            StartedAt = default,
            StoppedAt = default,
            Server = new ServerFacts("", 0, 0, 0, 0, false, new Dictionary<string, string>(), new Dictionary<string, string>()),
            BackupLabel = "",
            FileCount = 0,
            FileBytes = 0,
            StoredBytes = 0,
            Files = new StoredFile(index.Length, ""),
            Objects = [new DataObject(0, 0, 0, "", [0])],
        }, key);
    });

    public async Task<Outcome<BackupResult>> RunAsync(BackupRequest request, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            return await BackUpAsync(request, progress, cancellationToken);
        }
        catch (PostgresException e) when (BackupRefusals.For(e) is { } refusal)
        {
            return refusal;
        }
    }

    private async Task<Outcome<BackupResult>> BackUpAsync(BackupRequest request, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "connecting";
        var server = new SourceServer(request.ConnectionString);
        var refusing = Task.Run(() => RefusedAsync(cancellationToken), cancellationToken);
        await using var session = await server.OpenAsync(cancellationToken);
        var before = await SourceServer.FactsAsync(session, cancellationToken);
        if (await refusing is { } refusal)
        {
            return refusal;
        }
        if (before.IsInRecovery)
        {
            return BackupRefusals.Standby;
        }

        var id = $"{before.Now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";
        var failed = new ConcurrentBag<(IObjectStore Store, StoreException Cause)>();
        var making = Task.Run(() => keys.CreateAsync((store, cause) => failed.Add((store, cause)), cancellationToken), cancellationToken);

        progress.Phase = "checkpoint";
        var opening = OpenAsync();
        await Task.WhenAll(making, opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var wiped = making.IsCompletedSuccessfully ? await making : null;
        var (window, facts, parentEntry, parent, fullBecause) = await opening;
        var key = await making;
        var objects = new ObjectWriters(before.SystemId, id, key, stores, progress);
        foreach (var (store, cause) in failed)
        {
            objects.Fail(store, cause);
        }

        await using var hold = parent is null ? null : await HoldAsync(parentEntry!, cancellationToken);
        if (parent is not null && hold is null)
        {
            (parent, fullBecause) = (null, $"{parentEntry!.Manifest.Id} is being removed");
        }

        progress.Phase = "copying";
        var (directories, files) = await SourceFiles.ListAsync(session, facts.Server.Major, cancellationToken);
        parent?.Plan(files, facts.Server);
        await using var pages = new PageReader(server, facts.Server, window.Start, clock);
        var local = request.ReadsFilesHere ? await LocalDirectory.FindAsync(session, window.Slot, cancellationToken) : null;
        Func<Task<IPieceSource>> source = local is null ? async () => await SqlPieces.OpenAsync(server, cancellationToken) : () => Task.FromResult<IPieceSource>(new LocalPieces(local));
        await CopyAsync(request.Connections, source, files, objects, pages, progress, cancellationToken);
        var control = await window.ReadControlFileAsync(clock, cancellationToken);

        progress.Phase = "wal";
        var end = await window.CloseAsync(cancellationToken);
        var wal = SourceWal.Segments(facts.Timeline, window.Start, end.Stop, facts.Server.WalSegmentSize);
        await using (var last = new ExtentWriter(objects))
        {
            var controlFile = new SourceFile(ControlFile.Path, control.Length, null);
            controlFile.SawUpTo(control.Length);
            await last.AppendAsync(controlFile, 0, control, cancellationToken);
            last.EndExtent();
            files.Add(controlFile);
            progress.Expect(wal.Sum(w => w.Length));
            await SourceWal.CopyAsync(session, wal, last, progress, cancellationToken);
            await last.CompleteAsync(cancellationToken);
        }
        files.AddRange(wal);

        progress.Phase = "manifest";
        var index = new FileIndex(directories, [.. files.Select(f => f.ToIndexed()).OfType<IndexedFile>().OrderBy(f => f.Path, StringComparer.Ordinal)]);
        var stored = await objects.PutAsync(Layout.Files(facts.SystemId, id), index.ToBytes(), cancellationToken);
        await objects.CheckLengthsAsync(cancellationToken);
        var manifest = new BackupManifest
        {
            Id = id,
            SystemId = facts.SystemId,
            Kind = parent is null ? BackupKind.Full : BackupKind.Incremental,
            State = pages.Damaged.Count == 0 ? BackupState.Good : BackupState.Degraded,
            ParentId = parent is null ? null : parentEntry!.Manifest.Id,
            DataKeyId = key.Id,
            Timeline = facts.Timeline,
            StartLsn = window.Start,
            StopLsn = end.Stop,
            StartedAt = before.Now,
            StoppedAt = end.At,
            Server = facts.Server,
            BackupLabel = end.Label,
            TablespaceMap = end.TablespaceMap,
            FileCount = index.Files.Count,
            FileBytes = index.Files.Sum(f => f.Length),
            StoredBytes = objects.Done.Sum(o => o.StoredLength) + stored.Length,
            FullBecause = fullBecause,
            DamagedPages = pages.Damaged,
            Annotations = request.Annotations,
            Files = stored,
            Objects = objects.Done,
        };
        await objects.PutAsync(Layout.Manifest(facts.SystemId, id), ManifestFile.ToBytes(manifest, key), cancellationToken);
        progress.Phase = "done";
        return new BackupResult(manifest, [.. objects.Live.Select(s => s.Name)], objects.Failures, pages.Reread) { IsReadHere = local is not null };

        async Task<(BackupWindow, SourceFacts, CatalogueEntry?, ParentFiles?, string?)> OpenAsync()
        {
            var opened = await BackupWindow.OpenAsync(session, id, request.IsFast, cancellationToken);
            var now = await SourceServer.FactsAsync(session, cancellationToken);
            var (entry, files, because) = await ParentAsync(request, now, opened.Start, session, cancellationToken);
            return (opened, now, entry, files, because);
        }
    }

    private async Task<RecoveryRefusal?> RefusedAsync(CancellationToken cancellationToken)
    {
        foreach (var store in stores)
        {
            try
            {
                if ((await Repository.EnsureAsync(store, clock, cancellationToken)).Refusal is { } refusal)
                {
                    return refusal;
                }
            }
            catch (StoreException)
            {
                // It fails again at the first object, and is then left out and reported.
            }
        }
        return null;
    }

    private async Task<(CatalogueEntry? Entry, ParentFiles? Files, string? FullBecause)> ParentAsync(
        BackupRequest request, SourceFacts facts, Lsn start, NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (!request.IsIncremental)
        {
            return (null, null, null);
        }
        var listing = await new BackupCatalogue(stores).ListAsync(facts.SystemId, cancellationToken);
        // In every store, so that the chain is whole in each.
        if (listing.Backups.LastOrDefault(b => b.Stores.Count == stores.Count) is not { } newest)
        {
            return (null, null, "there is no earlier backup of this cluster in every store");
        }
        if (listing.Chain(newest) is null)
        {
            return (null, null, $"the chain below {newest.Manifest.Id} is broken");
        }
        var (files, lacking) = await ParentFiles.ReadAsync(newest, facts, start, session, clock, cancellationToken);
        return (newest, files, lacking);
    }

    /// <summary>What the new backup stands on must be there when it is finished.</summary>
    private async Task<BackupHold?> HoldAsync(CatalogueEntry parent, CancellationToken cancellationToken) =>
        (await BackupHold.TakeAsync(parent.Stores, parent.Manifest.SystemId, [parent.Manifest.Id], "backup", clock, cancellationToken)).Value;

    private static async Task CopyAsync(
        int workers, Func<Task<IPieceSource>> open, List<SourceFile> files, ObjectWriters objects, PageReader pages, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Expect(files.Sum(f => f.Ranges?.Sum(r => r.Length) ?? f.Length));
        using var queue = new CopyQueue(files);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var copying = Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            try
            {
                await using var source = await open();
                await new CopyWorker(queue, objects, pages, progress).RunAsync(source, stop.Token);
            }
            catch
            {
                // The first failure is the cause; the others need not go on.
                await stop.CancelAsync();
                throw;
            }
        }, stop.Token)).ToList();
        var all = Task.WhenAll(copying);
        try
        {
            await all;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && all.Exception is null)
        {
            throw;
        }
        catch when (copying.FirstOrDefault(w => w.IsFaulted) is { } first)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first.Exception!.InnerException!);
        }
    }
}
