using System.Globalization;
using System.Security.Cryptography;
using CardanoRwa.Recovery.Catalogue;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Recovery.Restore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CardanoRwa.Recovery.Drills;

/// <summary>
/// Proves that a backup restores: from one store and a key alone, into a folder that is removed whatever happens, measured and compared.
/// Where that store or its newest backup fails, it goes on to say what the others would have saved.
/// </summary>
public sealed partial class DrillEngine(
    IReadOnlyList<IObjectStore> stores, Func<IReadOnlyList<IObjectStore>, KeyRing> ringOf, DrillOptions options, DrillMetrics metrics, TimeProvider clock, ILogger<DrillEngine> logger,
    RestoreMetrics? restores = null)
{
    private const int MostAttempts = 6;
    private readonly DrillReports _reports = new(stores, ringOf(stores));

    public async Task<Outcome<DrillReport>> RunAsync(DrillRequest request, CancellationToken cancellationToken)
    {
        if ((await PrepareAsync(request, cancellationToken)).IsRefused(out var refusal, out var plan))
        {
            metrics.Failed(refusal.Code);
            return refusal;
        }
        var id = $"drill-{clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}";
        foreach (var left in await ScratchFolder.SweepAsync(options.ScratchPath, plan.Programs, clock, cancellationToken))
        {
            LogSwept(logger, left);
        }
        var (began, startedAt) = (clock.GetTimestamp(), clock.GetUtcNow());
        var acknowledged = await AcknowledgedAsync(request.Source, cancellationToken);
        var attempts = new List<DrillAttempt>();
        var runner = new DrillAttempts(request, options, plan.Programs, ringOf, restores, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.TimeLimit);
        foreach (var (store, backup) in plan.Candidates.Take(MostAttempts))
        {
            try
            {
                attempts.Add(await runner.RunAsync(id, store, plan.SystemId, backup, acknowledged, startedAt, limit.Token));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                attempts.Add(new DrillAttempt(store.Name, backup, null, null, null, [], [new DrillFailure("time", null, $"it took longer than {options.TimeLimit}")]));
                break;
            }
            if (attempts[^1].Passed || (attempts.Count > 1 && attempts[^1].RestoredTo is not null && attempts[^1].Failures.All(f => f.Reason is "rpo" or "wal")))
            {
                break;
            }
        }
        var first = attempts[0];
        var report = new DrillReport(
            DrillReport.CurrentVersion, id, plan.SystemId, request.Kind, request.RequestedBy, startedAt, startedAt + clock.GetElapsedTime(began), first.Passed,
            first.Times?.Total, options.Rto.TotalSeconds, first.RpoSeconds, options.Rpo.TotalSeconds, runner.Tally, attempts, Fallback(attempts), "");
        report = await _reports.WriteAsync(report, (store, cause) => LogNotStored(logger, id, store, cause), cancellationToken);
        metrics.Drilled(report);
        Log(report);
        return report;
    }

    private async Task<Outcome<Prepared>> PrepareAsync(DrillRequest request, CancellationToken cancellationToken)
    {
        if (!ringOf(stores).CanOpen)
        {
            return new RecoveryRefusal("key.no-identity", "A drill restores, and no private key is at hand.", "Set Recovery:IdentityFile on one worker, or type the recovery key with --recovery-key.");
        }
        if (request.Store is { } name && stores.All(s => s.Name != name))
        {
            return new RecoveryRefusal("drill.store", $"There is no store '{name}'; there are {string.Join(", ", stores.Select(s => s.Name))}.", "Name one of them.");
        }
        var listing = await new BackupCatalogue(stores).ListAsync(request.SystemId, cancellationToken);
        if (listing.Backups.Count == 0)
        {
            return new RecoveryRefusal("drill.no-backup", $"There is no backup to drill. {string.Join("; ", listing.Faults)}", "Make one with 'backup now'.");
        }
        var newest = listing.Backups[^1].Manifest;
        if (request.SystemId is null && listing.Backups.Any(b => b.Manifest.SystemId != newest.SystemId))
        {
            return new RecoveryRefusal("restore.which-cluster", "The stores hold backups of several clusters.", "Say which with --system-id.");
        }
        if ((await PostgresPrograms.FindAsync(request.PostgresFolder, newest.Server.Major, cancellationToken)).IsRefused(out var refusal, out var programs))
        {
            return refusal;
        }
        var order = await OrderAsync(request, newest.SystemId, cancellationToken);
        // The newest backup in each store, then older ones: each a longer replay, and a way around what is damaged.
        var perStore = order.Select(s => (Store: s, Backups: listing.Backups.Where(b => b.Stores.Contains(s)).Select(b => b.Manifest.Id).Reverse().ToList())).ToList();
        List<(IObjectStore, string?)> candidates = [.. perStore.Select(s => (s.Store, s.Backups.Count > 0 ? s.Backups[0] : null))];
        for (var age = 1; age < listing.Backups.Count; age++)
        {
            candidates.AddRange(perStore.Where(s => s.Backups.Count > age).Select(s => (s.Store, (string?)s.Backups[age])));
        }
        return new Prepared(newest.SystemId, programs, candidates);
    }

    /// <summary>The one that was drilled longest ago comes first, so that each is proven in turn.</summary>
    private async Task<List<IObjectStore>> OrderAsync(DrillRequest request, string systemId, CancellationToken cancellationToken)
    {
        var last = (await _reports.ListAsync(systemId, cancellationToken)).Where(r => r.Attempts.Count > 0).GroupBy(r => r.Attempts[0].Store).ToDictionary(g => g.Key, g => g.Max(r => r.StartedAt));
        return [.. stores.OrderByDescending(s => s.Name == request.Store).ThenBy(s => last.GetValueOrDefault(s.Name)).ThenBy(s => s.Name, StringComparer.Ordinal)];
    }

    private async Task<Sentinel?> AcknowledgedAsync(string? source, CancellationToken cancellationToken)
    {
        if (source is null)
        {
            return null;
        }
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(source) { Pooling = false, Timeout = 5, CommandTimeout = 5 }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return await Sentinels.LastAsync(connection, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            // A drill must not need what it is there to replace.
            LogNoSource(logger, e.Message);
            return null;
        }
    }

    private static string? Fallback(List<DrillAttempt> attempts)
    {
        if (attempts.Count < 2)
        {
            return attempts[0].Passed ? null : "There was nothing to fall back to.";
        }
        var last = attempts[^1];
        return last.RestoredTo is { } to
            ? $"Backup {last.Backup} from store {last.Store} restores to {to:yyyy-MM-dd HH:mm:ss.f}Z in {last.Times!.Total:0.0} s: it costs {last.RpoSeconds:0.0} s of data."
            : $"None of {attempts.Count - 1} others restores either.";
    }

    private void Log(DrillReport report)
    {
        if (report.Passed)
        {
            LogPassed(logger, report.Id, report.Attempts[0].Store, report.Attempts[0].Backup, report.RtoSeconds ?? 0, report.RpoSeconds ?? 0);
            return;
        }
        foreach (var failure in report.Attempts[0].Failures)
        {
            LogFailed(logger, report.Id, report.Attempts[0].Store, failure.Reason, failure.Object ?? "-", failure.Detail, report.Fallback ?? "");
        }
    }

    private sealed record Prepared(string SystemId, PostgresPrograms Programs, IReadOnlyList<(IObjectStore Store, string? Backup)> Candidates);

    [LoggerMessage(5000, LogLevel.Information, "{Drill} passed: backup {Backup} of store {Store} was ready after {Rto:0.0} s and lacks {Rpo:0.0} s.")]
    private static partial void LogPassed(ILogger logger, string drill, string store, string? backup, double rto, double rpo);

    [LoggerMessage(5001, LogLevel.Critical, "{Drill} FAILED in store {Store} ({Reason}, {Object}): {Detail} {Fallback}")]
    private static partial void LogFailed(ILogger logger, string drill, string store, string reason, string @object, string detail, string fallback);

    [LoggerMessage(5002, LogLevel.Warning, "A drill that died had left {Folder}; it is removed.")]
    private static partial void LogSwept(ILogger logger, string folder);

    [LoggerMessage(5003, LogLevel.Warning, "The source does not tell its last sentinel ({Reason}); what would be lost is measured from the start of the drill.")]
    private static partial void LogNoSource(ILogger logger, string reason);

    [LoggerMessage(5004, LogLevel.Error, "The report of {Drill} is not in store {Store}: {Cause}")]
    private static partial void LogNotStored(ILogger logger, string drill, string store, string cause);
}
