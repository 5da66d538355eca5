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
        if ((TargetDirectory.Check(directory) ?? (request.Start is null ? null : ReplayFeed.Check(directory))) is { } occupied)
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

        if ((await BackupHold.TakeAsync(stores, plan.Backup.SystemId, [.. plan.Chain.Select(c => c.Entry.Manifest.Id)], "restore", clock, cancellationToken)).IsRefused(out refusal, out var hold))
        {
            return refusal;
        }
        await using var held = hold;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, hold.Lost);

        var isNew = !Directory.Exists(directory);
        var owner = Unix.OwnerToKeep(isNew ? Path.GetDirectoryName(directory)! : directory);
        TargetDirectory.Create(directory);
        using var marker = RestoreMarker.Open(directory, plan.Backup.Id);
        if (marker is null)
        {
            return new RecoveryRefusal("restore.other-backup", $"An interrupted restore of another backup lies in {directory}.", "Remove the directory to begin anew, or name that backup with --backup.");
        }
        try
        {
            return await RestoreAsync(request, plan, directory, spaces, owner, marker, progress, ending.Token);
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
        var feed = request.Start is not null && wal is not null && plan.Segments.Count > 0 && ReplayFeed.IsSupported ? ReplayFeed.Create(directory, owner, plan.Segments) : null;
        var inPlace = feed is not null ? TimeSpan.Zero
            : await FetchWalAsync(request, plan, (name, token) => wal!.FetchAsync(plan.Backup.SystemId, name, Path.Combine(directory, "pg_wal", name), token), progress, cancellationToken);

        progress.Phase = "syncing";
        var syncBegan = clock.GetTimestamp();
        await WriteSettingsAsync(request, plan, directory, spaces, feed is null ? RecoverySettings.NoCommand : feed.Command, cancellationToken);
        if (owner is { } user)
        {
            TargetDirectory.GiveTo(user, directory, spaces.Select(s => s.Location));
        }
        Unix.SyncTree(directory);
        spaces.ForEach(s => Unix.SyncTree(s.Location));
        File.Move(Path.Combine(directory, ControlFileUntilEnd), Path.Combine(directory, ControlFile.Path), overwrite: true);
        marker.Remove();
        Unix.SyncTree(directory);
        var result = new RestoreResult(
            plan.Backup, [.. plan.Chain.Select(c => c.Entry.Manifest.Id)], plan.Segments.Count, restorer.Fallbacks, fetched, inPlace, clock.GetElapsedTime(syncBegan), restorer.WaitingShare);
        if (request.Start is { } start)
        {
            var startBegan = clock.GetTimestamp();
            var (fault, fed) = feed is null ? (await start.Server.StartAsync(start.Port, [], progress, cancellationToken), inPlace)
                : await StartFedAsync(start, feed, request, plan, directory, progress, cancellationToken);
            result = result with { Replaying = clock.GetElapsedTime(startBegan), FetchingWal = fed, StartFault = fault };
        }
        progress.Phase = "done";
        return result;
    }

    /// <summary>Starts the server and fetches its WAL while it replays: what it wrote last, null once it takes writes.</summary>
    private async Task<(string? Fault, TimeSpan Fetching)> StartFedAsync(
        RestoreStart start, ReplayFeed feed, RestoreRequest request, RestorePlan plan, string directory, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        var fetching = TimeSpan.Zero;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ready = start.Server.StartAsync(start.Port, [], progress, cancellationToken, promotesAt: plan.Segments.Count >= start.PromotedFromSegments ? request.Target : null);
        var feeding = FeedAsync();
        if (await Task.WhenAny(feeding, ready) == feeding)
        {
            try
            {
                await feeding;
            }
            catch
            {
                feed.Fail();
                await ((Task)ready).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }
        await ((Task)ready).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // It may have needed less than was to come.
        await stop.CancelAsync();
        await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var fault = await ready;
        if (fault is null)
        {
            var settings = Path.Combine(directory, SettingsFile);
            await File.WriteAllTextAsync(settings, RecoverySettings.WithoutCommand(await File.ReadAllTextAsync(settings, cancellationToken)), cancellationToken);
            feed.Remove();
        }
        return (fault, fetching);

        async Task FeedAsync()
        {
            await feed.AskedAsync(clock, stop.Token);
            fetching = await FetchWalAsync(request, plan, (name, token) => feed.FetchAsync(wal!, plan.Backup.SystemId, name, token), progress, stop.Token);
            feed.Complete();
        }
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
        RestoreRequest request, RestorePlan plan, Func<string, CancellationToken, Task<bool>> fetch, RecoveryProgress progress, CancellationToken cancellationToken)
    {
        if (wal is null)
        {
            return TimeSpan.Zero;
        }
        var began = clock.GetTimestamp();
        progress.Expect((long)plan.Segments.Count * plan.Backup.Server.WalSegmentSize);
        await Parallel.ForEachAsync(plan.Segments, new ParallelOptions { MaxDegreeOfParallelism = request.Parallelism, CancellationToken = cancellationToken }, async (name, token) =>
        {
            if (!await fetch(name, token))
            {
                throw new InvalidDataException($"WAL segment {name} was there when the restore began and is gone now.");
            }
            progress.Did(plan.Backup.Server.WalSegmentSize);
        });
        return clock.GetElapsedTime(began);
    }

    private static async Task WriteSettingsAsync(RestoreRequest request, RestorePlan plan, string directory, List<(string Oid, string Location)> spaces, string restoreCommand, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(directory, "backup_label"), plan.Backup.BackupLabel, cancellationToken);
        if (spaces.Count > 0)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "tablespace_map"), TablespaceMap.Write(spaces), cancellationToken);
        }
        var settings = Path.Combine(directory, SettingsFile);
        var before = File.Exists(settings) ? await File.ReadAllTextAsync(settings, cancellationToken) : "";
        await File.WriteAllTextAsync(settings, RecoverySettings.Write(before, request.Target, plan.Timeline, request.RestoreId, restoreCommand), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(directory, "recovery.signal"), "", cancellationToken);
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
