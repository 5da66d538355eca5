using System.Globalization;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Retention;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Restore;

/// <summary>Restores a cluster into an empty directory, ready to be started, or starts it too.</summary>
public sealed class RestoreRun(IReadOnlyList<IObjectStore> stores, KeyRing keys, IWalSource? wal, TimeProvider clock, RestoreMetrics? metrics = null)
{
    // The server refuses a directory without pg_control: what is half restored cannot be started by mistake.
    private const string ControlFileUntilEnd = ControlFile.Path + ".restoring";

    private const string RecoverySignal = "recovery.signal";
    private const string SettingsFile = "postgresql.auto.conf";

    public RestorePlanner Planner { get; } = new(new BackupCatalogue(stores, keys), keys, wal);

    public async Task<Outcome<RestoreResult>> RunAsync(RestoreRequest request, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await RestoreAsync(request, progress, cancellationToken);
            metrics?.Ended(outcome, progress.DoneBytes, clock.GetUtcNow());
            return outcome;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            metrics?.Failed(e.GetType().Name);
            throw;
        }
    }

    private async Task<Outcome<RestoreResult>> RestoreAsync(RestoreRequest request, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "planning";
        var directory = Path.GetFullPath(request.Directory);
        if (TargetDirectory.Check(directory) is { } occupied)
        {
            return occupied;
        }
        if ((await Planner.PlanAsync(request, cancellationToken)).IsRefused(out var refusal, out var plan))
        {
            return refusal;
        }
        var spaces = TablespaceMap.Parse(plan.Backup.TablespaceMap)
            .ConvertAll(s => (s.Oid, Location: request.Tablespaces.GetValueOrDefault(s.Location) ?? $"{directory}-tablespace-{s.Oid}"));
        if (spaces.Select(s => TargetDirectory.CheckTablespace(s.Location, directory)).FirstOrDefault(r => r is not null) is { } taken)
        {
            return taken;
        }

        if ((await BackupHold.TakeAsync(stores, plan.Backup.SystemId, plan.BackupIds, "restore", clock, cancellationToken)).IsRefused(out refusal, out var hold))
        {
            return refusal;
        }
        await using var held = hold;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, hold.Lost);

        var isNew = !Directory.Exists(directory);
        var owner = Unix.OwnerToKeep(isNew ? Path.GetDirectoryName(directory)! : directory);
        TargetDirectory.Create(directory);
        if (RestoreMarker.Open(directory, plan.Backup.Id).IsRefused(out refusal, out var marker))
        {
            return refusal;
        }
        using var marked = marker;
        if (marker.Replay is { } replay && (request.Start is null || replay != ReplayOf(request, plan)))
        {
            return new RecoveryRefusal("restore.other-target", $"The server in {directory} was started by a restore that was interrupted, and is to replay as far as {replay}.",
                "Give the same --to, --timeline and --start, and it goes on; or stop the server and remove the directory to begin anew.");
        }
        try
        {
            return marker.Replay is null ? await RestoreAsync(request, plan, directory, spaces, owner, marker, progress, ending.Token)
                : await ReplayOnAsync(request, plan, directory, owner, marker, progress, ending.Token);
        }
        catch (OperationCanceledException) when (hold.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new RecoveryRefusal("restore.hold-lost", "This process was stopped for so long that the backup is no longer kept for it.", "Run it again: it goes on where it was, or chooses another backup.");
        }
    }

    private async Task<RestoreResult> RestoreAsync(
        RestoreRequest request, RestorePlan plan, string directory, List<(string Oid, string Location)> spaces, (uint User, uint Group)? owner,
        RestoreMarker marker, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        progress.Phase = "files";
        var index = plan.Chain[^1].Index;
        TargetDirectory.CreateTree(directory, index, spaces);
        var wanted = ChainFiles.Resolve([.. plan.Chain.Select(c => c.Index)]);
        progress.Expect(wanted.Sum(w => w.Bytes));
        var restorer = new ObjectRestorer(plan.Chain, progress, clock);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = request.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(wanted, parallel, async (item, token) =>
        {
            if (marker.Done.Contains(RestoreMarker.NameOf(item)))
            {
                progress.Did(item.Bytes);
                return;
            }
            using var sink = new DirectorySink(directory);
            await restorer.RestoreAsync(item, new ControlFileAside(sink), token);
            marker.Finish(item);
        });
        if (marker.Done.Count == 0)
        {
            CheckSums(index, restorer.Sums);
        }
        SetLengths(directory, index);

        var fetched = clock.GetElapsedTime(began);
        progress.Phase = "wal";
        await FetchHistoriesAsync(plan, directory, cancellationToken);
        var feed = request.Start is { } fed && wal is not null && plan.Segments.Count >= fed.FedFromSegments ? new ReplayFeed(directory, owner, plan.Segments, plan.Backup.Server.WalSegmentSize) : null;
        var inPlace = await FetchWalAsync(request.Parallelism, plan, feed?.Before ?? plan.Segments, (name, token) => wal!.FetchAsync(plan.Backup.SystemId, name, Path.Combine(directory, "pg_wal", name), token), progress, cancellationToken);

        progress.Phase = "syncing";
        var syncBegan = clock.GetTimestamp();
        await WriteSettingsAsync(request, plan, directory, spaces, isFed: feed is not null, cancellationToken);
        if (owner is { } user)
        {
            TargetDirectory.GiveTo(user, directory, spaces.Select(s => s.Location));
        }
        Unix.SyncTree(directory);
        spaces.ForEach(s => Unix.SyncTree(s.Location));
        if (feed is not null)
        {
            marker.BeginReplay(ReplayOf(request, plan));
        }
        File.Move(Path.Combine(directory, ControlFileUntilEnd), Path.Combine(directory, ControlFile.Path), overwrite: true);
        if (feed is null)
        {
            marker.Remove();
        }
        Unix.SyncTree(directory);
        var result = new RestoreResult(
            plan.Backup, plan.BackupIds, plan.Segments.Count, restorer.Fallbacks, fetched, inPlace, clock.GetElapsedTime(syncBegan), restorer.WaitingShare);
        if (feed is not null)
        {
            return await StartFedAsync(request, plan, feed, marker, result, progress, cancellationToken);
        }
        if (request.Start is { } start)
        {
            result = await StartAsync(start, result, progress, cancellationToken);
        }
        progress.Phase = "done";
        return result;
    }

    private static string ReplayOf(RestoreRequest request, RestorePlan plan) => string.Create(CultureInfo.InvariantCulture, $"{request.Target} on timeline {plan.Timeline}");

    private async Task<RestoreResult> StartAsync(RestoreStart start, RestoreResult restored, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var fault = await start.Server.StartAsync(start.Port, [], progress, cancellationToken);
        return restored with { Replaying = clock.GetElapsedTime(began), StartFault = fault };
    }

    /// <summary>Starts the server and fetches its WAL while it replays.</summary>
    private async Task<RestoreResult> StartFedAsync(
        RestoreRequest request, RestorePlan plan, ReplayFeed feed, RestoreMarker marker, RestoreResult restored, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var (start, began, fetching) = (request.Start!, clock.GetTimestamp(), TimeSpan.Zero);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reached = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var feeding = FeedAsync();
        var ready = start.Server.StartFedAsync(start.Port, request.Target is not RestoreTarget.Latest, feeding, reached.Cancel, progress, stop.Token);
        await Task.WhenAny(feeding, ready);
        if (!feeding.IsCompletedSuccessfully)
        {
            // Without the rest of its WAL the server would wait for ever; without the server nobody needs it.
            await stop.CancelAsync();
        }
        await ((Task)ready).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (feeding.IsFaulted)
        {
            await feeding;
        }
        var fault = await ready;
        if (fault is null)
        {
            marker.Remove();
        }
        progress.Phase = "done";
        return restored with { Replaying = clock.GetElapsedTime(began), FetchingWal = restored.FetchingWal + fetching, StartFault = fault };

        async Task FeedAsync()
        {
            await feed.BeganAsync(clock, stop.Token);
            var fetchBegan = clock.GetTimestamp();
            try
            {
                // Replay has a core of its own, and is what takes long.
                await FetchWalAsync(Math.Max(1, request.Parallelism - 1), plan, feed.Meanwhile, (name, token) => feed.FetchAsync(wal!, plan.Backup.SystemId, name, token), progress, reached.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // The server is at its target and needs no more of it.
            }
            fetching = clock.GetElapsedTime(fetchBegan);
            feed.Sync();
        }
    }

    /// <summary>A restore whose server was replaying when it was interrupted: the server begins where it last brought its files to disk, and gets the WAL from there on.</summary>
    private async Task<RestoreResult> ReplayOnAsync(
        RestoreRequest request, RestorePlan plan, string directory, (uint User, uint Group)? owner, RestoreMarker marker, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var (start, control) = (request.Start!, Path.Combine(directory, ControlFile.Path));
        var result = new RestoreResult(plan.Backup, plan.BackupIds, plan.Segments.Count, [], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0);
        if (File.Exists(Path.Combine(directory, ControlFileUntilEnd)))
        {
            File.Move(Path.Combine(directory, ControlFileUntilEnd), control, overwrite: true);
            Unix.SyncTree(directory);
        }
        // It may still wait for WAL; it may also listen elsewhere than is wished now.
        await start.Server.StopIfRunningAsync(cancellationToken);
        if (!File.Exists(Path.Combine(directory, ReplayFeed.SignalFile)))
        {
            // It took writes already.
            result = await StartAsync(start, result, progress, cancellationToken);
            if (result.StartFault is null)
            {
                marker.Remove();
            }
            progress.Phase = "done";
            return result;
        }
        var size = plan.Backup.Server.WalSegmentSize;
        var first = (ulong)ControlFile.Redo(await File.ReadAllBytesAsync(control, cancellationToken)) / (ulong)size;
        var feed = new ReplayFeed(directory, owner, [.. plan.Segments.Where(s => WalNames.Parse(s, size).Number >= first)], size);
        var inPlace = await FetchWalAsync(request.Parallelism, plan, feed.Before, (name, token) => feed.FetchAsync(wal!, plan.Backup.SystemId, name, token), progress, cancellationToken);
        return await StartFedAsync(request, plan, feed, marker, result with { FetchingWal = inPlace }, progress, cancellationToken);
    }

    internal static void CheckSums(FileIndex index, IReadOnlyDictionary<string, ulong> sums)
    {
        foreach (var file in index.Files)
        {
            var sum = sums.GetValueOrDefault(file.Path).ToString("x16", CultureInfo.InvariantCulture);
            if (sum != file.Sum)
            {
                throw new InvalidDataException($"{file.Path} came out with the sum {sum}, and was backed up with {file.Sum}.");
            }
        }
    }

    /// <summary>Empty files, and those that end with bytes nothing was stored for.</summary>
    private static void SetLengths(string directory, FileIndex index)
    {
        foreach (var file in index.Files)
        {
            if (file.Length > 0 && file.Extents.Count > 0 && file.Extents[^1].End == file.Length)
            {
                continue;
            }
            using var handle = File.OpenHandle(Path.Combine(directory, file.Path), FileMode.OpenOrCreate, FileAccess.Write);
            RandomAccess.SetLength(handle, file.Length);
        }
    }

    /// <summary>A timeline's way is written in its history file alone.</summary>
    private async Task FetchHistoriesAsync(RestorePlan plan, string directory, CancellationToken cancellationToken)
    {
        foreach (var timeline in plan.Reach.Path.Select(p => p.Timeline).Append(plan.Timeline).Where(t => wal is not null && t > 1).Distinct())
        {
            var name = $"{timeline:X8}.history";
            await wal!.FetchAsync(plan.Backup.SystemId, name, Path.Combine(directory, "pg_wal", name), cancellationToken);
        }
    }

    private async Task<TimeSpan> FetchWalAsync(
        int parallelism, RestorePlan plan, IReadOnlyList<string> segments, Func<string, CancellationToken, Task<bool>> fetch, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        if (wal is null)
        {
            return TimeSpan.Zero;
        }
        var began = clock.GetTimestamp();
        progress.Expect((long)segments.Count * plan.Backup.Server.WalSegmentSize);
        await Parallel.ForEachAsync(segments, new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken }, async (name, token) =>
        {
            if (!await fetch(name, token))
            {
                throw new InvalidDataException($"WAL segment {name} was there when the restore began and is gone now.");
            }
            progress.Did(plan.Backup.Server.WalSegmentSize);
        });
        return clock.GetElapsedTime(began);
    }

    private static async Task WriteSettingsAsync(RestoreRequest request, RestorePlan plan, string directory, List<(string Oid, string Location)> spaces, bool isFed, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(directory, "backup_label"), plan.Backup.BackupLabel, cancellationToken);
        if (spaces.Count > 0)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "tablespace_map"), TablespaceMap.Write(spaces), cancellationToken);
        }
        var settings = Path.Combine(directory, SettingsFile);
        var before = File.Exists(settings) ? await File.ReadAllTextAsync(settings, cancellationToken) : "";
        await File.WriteAllTextAsync(settings, RecoverySettings.Write(before, request.Target, plan.Timeline, request.RestoreId, isFed), cancellationToken);
        // An interrupted run may have left the other, and a standby takes no writes unless it is told to.
        var (signal, other) = isFed ? (ReplayFeed.SignalFile, RecoverySignal) : (RecoverySignal, ReplayFeed.SignalFile);
        File.Delete(Path.Combine(directory, other));
        await File.WriteAllTextAsync(Path.Combine(directory, signal), "", cancellationToken);
        await WriteIfAbsentAsync("postgresql.conf", RecoverySettings.Minimal(plan.Backup.Server));
        await WriteIfAbsentAsync("pg_hba.conf", RecoverySettings.MinimalAccess);
        await WriteIfAbsentAsync("pg_ident.conf", "");

        async Task WriteIfAbsentAsync(string name, string text)
        {
            var path = Path.Combine(directory, name);
            if (!File.Exists(path))
            {
                await File.WriteAllTextAsync(path, text, cancellationToken);
            }
        }
    }

    private sealed class ControlFileAside(IFileSink inner) : IFileSink
    {
        public ValueTask WriteAsync(string path, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            inner.WriteAsync(path == ControlFile.Path ? ControlFileUntilEnd : path, offset, bytes, cancellationToken);
    }
}
