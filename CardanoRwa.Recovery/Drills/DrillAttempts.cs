using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Recovery.Wal;
using Npgsql;

namespace CardanoRwa.Recovery.Drills;

/// <summary>Restores one backup from one store alone, twice looked at: at the position where the source was counted, and at the end of its log.</summary>
internal sealed class DrillAttempts(DrillRequest request, DrillOptions options, PostgresPrograms programs, Func<IReadOnlyList<IObjectStore>, KeyRing> ringOf, RestoreMetrics? restores, TimeProvider clock)
{
    private readonly RecoveryProgress _progress = request.Progress;

    /// <summary>The newest tally that an attempt found, for the report.</summary>
    public string? Tally { get; private set; }

    public async Task<DrillAttempt> RunAsync(string drillId, IObjectStore store, string systemId, string? backupId, Sentinel? acknowledged, DateTimeOffset lostAt, CancellationToken cancellationToken)
    {
        var state = new Attempt(store.Name, backupId);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await using var scratch = ScratchFolder.Create(options.ScratchPath, $"{drillId}-{Guid.NewGuid().ToString("N")[..6]}");
            await using var watch = new DiskWatch(scratch, options, clock, stop);
            try
            {
                await RestoreAsync(state, drillId, store, systemId, backupId, acknowledged, lostAt, scratch, stop.Token);
            }
            catch (OperationCanceledException) when (watch.Fault is { } full)
            {
                state.Fail("disk", null, full);
            }
        }
        catch (DamagedObjectException e)
        {
            state.Fail(e.Kind == DamageKind.Missing ? "missing" : e.Kind == DamageKind.OtherKey ? "key" : "damaged", e.Name, e.Message);
        }
        catch (StoreException e)
        {
            state.Fail("store", null, e.Message);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            state.Fail("damaged", null, e.Message);
        }
        catch (NpgsqlException e)
        {
            state.Fail("content", null, $"the restored copy answered: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            state.Fail("disk", null, e.Message);
        }
        return state.ToAttempt();
    }

    private async Task RestoreAsync(
        Attempt state, string drillId, IObjectStore store, string systemId, string? backupId, Sentinel? acknowledged, DateTimeOffset lostAt, ScratchFolder scratch, CancellationToken cancellationToken)
    {
        IReadOnlyList<IObjectStore> only = [store];
        var keys = ringOf(only);
        var run = new RestoreRun(only, keys, new WalSource(only, keys), clock, restores);
        var wanted = new RestoreRequest(scratch.Data, new RestoreTarget.Latest()) { SystemId = systemId, BackupId = backupId, ServerMajor = programs.Major, RestoreId = drillId };
        var began = clock.GetTimestamp();
        if ((await run.Planner.PlanAsync(wanted, cancellationToken)).IsRefused(out var refusal, out var plan))
        {
            state.Refuse(refusal);
            return;
        }
        (state.Backup, state.EndsAt) = (plan.Backup.Id, plan.Reach.EndsAt);
        if (TooLarge(plan) is { } bound)
        {
            state.Fail("disk", null, bound);
            return;
        }
        if (plan.Reach.Gap is { } gap)
        {
            state.Fail("wal", SegmentAt(systemId, plan), $"WAL is missing: {gap}; nothing after it can be replayed");
        }
        if ((await TallyStore.ChooseAsync(store, keys, systemId, plan.Timeline, plan.Backup.StopLsn, plan.Reach.End, cancellationToken)).IsRefused(out refusal, out var choice))
        {
            state.Refuse(refusal);
            return;
        }
        // The log of the last minute may be on its way.
        if (choice.Beyond is { } beyond && beyond.TakenAt < lostAt - TimeSpan.FromMinutes(1) && plan.Reach.Gap is null)
        {
            state.Fail("wal", SegmentAt(systemId, plan), $"the source was counted at {beyond.At}, and the log in this store ends at {plan.Reach.End}");
        }
        var tally = choice.Usable;
        Tally ??= tally?.Name;
        var planned = clock.GetElapsedTime(began);

        var outcome = await run.RunAsync(wanted with { BackupId = plan.Backup.Id }, _progress, cancellationToken);
        if (outcome.IsRefused(out refusal, out var restored))
        {
            state.Refuse(refusal);
            return;
        }
        await using var server = new ScratchServer(scratch, programs, clock);
        var replayed = TimeSpan.Zero;
        if (tally is not null)
        {
            if (await ReplayToTallyAsync(state, server, tally, cancellationToken) is not { } toTally)
            {
                return;
            }
            replayed = toTally;
        }
        else
        {
            state.Checks.Add(new DrillCheck("counts", CheckState.Skipped, "no count of the source lies between this backup and the end of its log"));
        }

        var again = clock.GetTimestamp();
        if (await server.StartAsync(null, _progress, cancellationToken) is { } fault)
        {
            state.Fail("replay", null, fault);
            return;
        }
        replayed += clock.GetElapsedTime(again);
        var readying = clock.GetTimestamp();
        var (user, database) = (tally?.Superuser ?? request.Superuser, tally?.Database ?? request.Database);
        await using (var copy = await server.OpenAsync(user, database, cancellationToken))
        {
            // The first write that is accepted ends what a user would have waited for.
            await CopyChecks.ExecuteAsync(copy, "SELECT pg_current_xact_id()", cancellationToken);
            state.Took(planned, restored, replayed, clock.GetElapsedTime(readying));
            state.Lost(await Sentinels.LastAsync(copy, cancellationToken), acknowledged, lostAt, options.Rpo);
            _progress.Phase = "checking";
            state.Add(await CopyChecks.HeldAsync(copy, drillId, cancellationToken));
            if (request.Kind == DrillKind.Full)
            {
                state.Add(await CopyChecks.ReadAllAsync(copy, cancellationToken));
                state.Add(await CopyChecks.IndexesAsync(copy, cancellationToken));
            }
            if (request.OnReady is { } work)
            {
                state.Add(await work(server.ConnectionString(user, database), cancellationToken));
            }
        }
        await server.StopAsync(cancellationToken);
        if (request.Kind == DrillKind.Full)
        {
            state.Add(await CopyChecks.PagesAsync(scratch.Data, plan.Backup.Server, cancellationToken));
        }
    }

    /// <returns>How long the replay to there took; null when it was not reached.</returns>
    private async Task<TimeSpan?> ReplayToTallyAsync(Attempt state, ScratchServer server, Tally tally, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        if (await server.StartAsync(tally.Name, _progress, cancellationToken) is { } fault)
        {
            state.Fail("replay", null, $"restore point {tally.Name} at {tally.At} was not reached: {fault}");
            return null;
        }
        await using (var copy = await server.OpenAsync(tally.Superuser, tally.Database, cancellationToken))
        {
            while (await CopyChecks.ScalarAsync<string>(copy, "SELECT pg_get_wal_replay_pause_state()", cancellationToken) != "paused")
            {
                await Task.Delay(20, cancellationToken);
            }
            var took = clock.GetElapsedTime(began);
            _progress.Phase = "comparing";
            foreach (var check in await CopyChecks.AgainstTallyAsync(copy, tally, cancellationToken))
            {
                state.Add(check);
            }
            await copy.CloseAsync();
            await server.StopAsync(cancellationToken);
            return took;
        }
    }

    /// <summary>The segment that should go on where the log ends.</summary>
    private static string SegmentAt(string systemId, RestorePlan plan)
    {
        var (timeline, size) = (plan.Reach.Path[^1].Timeline, plan.Backup.Server.WalSegmentSize);
        return Layout.WalSegment(systemId, timeline, WalNames.Segment(timeline, (ulong)plan.Reach.End / (ulong)size, size));
    }

    private string? TooLarge(RestorePlan plan)
    {
        // Replay writes about as much again in the worst case of its own checkpoints; what it really takes is watched.
        var needed = plan.Backup.FileBytes + ((long)plan.Segments.Count * plan.Backup.Server.WalSegmentSize);
        var free = ScratchFolder.FreeBytes(options.ScratchPath) - ((long)options.ReserveMebibytes << 20);
        return options.ScratchMebibytes > 0 && needed > (long)options.ScratchMebibytes << 20 ? $"the copy needs {needed} bytes, and the bound is {options.ScratchMebibytes} MiB"
            : needed > free ? $"the copy needs {needed} bytes, and {options.ScratchPath} has {Math.Max(0, free)} beyond its reserve"
            : null;
    }

    /// <summary>What is known of an attempt so far.</summary>
    private sealed class Attempt(string store, string? backup)
    {
        private readonly List<DrillFailure> _failures = [];
        private DrillTimes? _times;
        private DateTimeOffset? _restoredTo;
        private double? _rpo;

        public List<DrillCheck> Checks { get; } = [];
        public string? Backup { get; set; } = backup;
        public DateTimeOffset? EndsAt { get; set; }

        public void Fail(string reason, string? name, string detail) => _failures.Add(new DrillFailure(reason, name, detail));

        public void Refuse(RecoveryRefusal refusal) =>
            Fail(refusal.Code.StartsWith("key.", StringComparison.Ordinal) ? "key" : "missing", null, $"{refusal.Code}: {refusal.Detail}");

        public void Add(DrillCheck check)
        {
            Checks.Add(check);
            if (check.State == CheckState.Failed)
            {
                Fail("content", null, $"{check.Name}: {check.Detail}");
            }
        }

        public void Took(TimeSpan planned, RestoreResult restored, TimeSpan replayed, TimeSpan ready)
        {
            var waiting = restored.Fetching * restored.WaitingShare;
            _times = new DrillTimes(S(planned), S(waiting), S(restored.Fetching - waiting), S(restored.FetchingWal), S(restored.Syncing), S(replayed), S(ready));
        }

        /// <summary>With sentinels to the second; else by how far the log in the store reaches.</summary>
        public void Lost(Sentinel? last, Sentinel? acknowledged, DateTimeOffset lostAt, TimeSpan target)
        {
            _restoredTo = last?.At ?? EndsAt;
            var lost = Math.Max(0, ((acknowledged?.At ?? lostAt) - _restoredTo!.Value).TotalSeconds);
            _rpo = Math.Round(lost, 3);
            Checks.Add(new DrillCheck("rpo", lost <= target.TotalSeconds ? CheckState.Passed : CheckState.Failed,
                $"the copy ends {lost:0.0} s before {(acknowledged is null ? "the drill began" : $"sentinel {acknowledged.Sequence}, the last one acknowledged")}; {target.TotalSeconds:0} s are allowed"));
            if (lost > target.TotalSeconds)
            {
                Fail("rpo", null, Checks[^1].Detail);
            }
        }

        public DrillAttempt ToAttempt() => new(store, Backup, _times, _restoredTo, _rpo, Checks, _failures);

        private static double S(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
    }
}
