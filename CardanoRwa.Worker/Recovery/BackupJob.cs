using System.Text.Json;
using CardanoRwa.Core;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Recovery;
using CardanoRwa.Core.Text;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Format;
using CardanoRwa.Recovery.Keys;
using CardanoRwa.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CardanoRwa.Worker.Recovery;

/// <summary>A base backup that somebody asked the Api for. One that was cut short leaves nothing that is listed, so it may begin anew.</summary>
internal sealed class BackupJob(StoreSet stores, IOptions<RecoveryOptions> recovery, BackupSource source, BackupMetrics metrics, IServiceScopeFactory scopes, TimeProvider clock) : IJobHandler
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(300);

    public string Kind => BackupJobs.Kind;
    public OrphanedJob WhenOrphaned => OrphanedJob.Requeue;

    public async Task<Result<RawJson>> RunAsync(JsonElement parameters, IProgress<JobProgress> progress, CancellationToken cancellationToken)
    {
        if (stores.ForBackups.Count == 0)
        {
            return new Refusal(RefusalKind.Conflict, "backup_no_store", "This worker has no store to back up into.", $"Configure one under {StoresOptions.Section}.");
        }
        if ((await KeySettings.ReadAsync(recovery.Value, recoveryKey: null, needsRecipients: true, cancellationToken)).IsRefused(out var refusal, out var keys))
        {
            return Of(refusal);
        }
        var request = recovery.Value.BaseRequest(await source.GetAsync(cancellationToken)) with
        {
            IsIncremental = parameters.TryGetProperty("incremental", out var incremental) && incremental.ValueKind == JsonValueKind.True,
        };
        var done = new RecoveryProgress(clock);
        var running = new BaseBackup(stores.ForBackups, new KeyRing(stores.ForBackups, keys.Recipients, [], clock), clock).RunAsync(request, done, cancellationToken);
        while (await Task.WhenAny(running, Task.Delay(Turn, clock, CancellationToken.None)) != running)
        {
            progress.Report(new JobProgress(done.TotalBytes == 0 ? 0 : Math.Min(1, (double)done.DoneBytes / done.TotalBytes), done.Phase));
        }
        try
        {
            if ((await running).IsRefused(out refusal, out var made))
            {
                return Of(refusal);
            }
            await using var scope = scopes.CreateAsyncScope();
            await StatusBoard.ListAsync(scope.ServiceProvider.GetRequiredService<RwaDbContext>(), stores.ForBackups, made.Manifest.SystemId, cancellationToken);
            return Present(made, done);
        }
        catch (Exception e) when (e is StoreException or NpgsqlException or DamagedObjectException)
        {
            metrics.Failed(BackupFailure.Interrupted);
            return new Refusal(RefusalKind.Unprocessable, "backup_interrupted", e.Message, "Ask for it again once the database and the stores are up.");
        }
    }

    private RawJson Present(BackupResult made, RecoveryProgress done)
    {
        metrics.Made(made.Manifest.StoppedAt, done.Elapsed, done.StoredBytes);
        return new RawJson(JsonSerializer.Serialize(new { BackupId = made.Manifest.Id, made.Manifest.Kind, made.Manifest.State, made.Manifest.FullBecause, made.Manifest.StoredBytes, made.Stores, made.FailedStores }, RecoveryJson.Compact));
    }

    private static Refusal Of(RecoveryRefusal refusal) => new(RefusalKind.Conflict, refusal.Code.Replace('.', '_').Replace('-', '_'), refusal.Detail, refusal.Hint);
}
