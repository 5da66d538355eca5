using System.Text.Json;
using CardanoRwa.Core;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Restored;
using CardanoRwa.Core.Text;
using CardanoRwa.Recovery;
using CardanoRwa.Recovery.Drills;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Worker.Drills;

/// <summary>A drill that was asked for through the Api. One that failed is a job that succeeded: it found what it was there to find.</summary>
internal sealed class DrillJob(DrillRunner runner, IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider clock) : IJobHandler
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    public string Kind => DrillRequests.JobKind;
    public OrphanedJob WhenOrphaned => OrphanedJob.Requeue;

    public async Task<Result<RawJson>> RunAsync(JsonElement parameters, IProgress<JobProgress> progress, CancellationToken cancellationToken)
    {
        var told = new RecoveryProgress(clock);
        var request = new DrillRequest(parameters.GetProperty("full").GetBoolean() ? DrillKind.Full : DrillKind.RestoreTest, told)
        {
            RequestedBy = parameters.GetProperty("requestedBy").GetString()!,
            Store = parameters.TryGetProperty("store", out var store) ? store.GetString() : null,
            Source = configuration.GetConnectionString("rwadb"),
        };
        var running = runner.RunAsync(request, null, cancellationToken);
        while (await Task.WhenAny(running, Task.Delay(Period, clock, cancellationToken)) != running && !cancellationToken.IsCancellationRequested)
        {
            progress.Report(new JobProgress(told.TotalBytes == 0 ? 0 : 0.9 * told.DoneBytes / told.TotalBytes, told.Phase));
        }
        if ((await running).IsRefused(out var refusal, out var report))
        {
            return new Refusal(RefusalKind.Unprocessable, refusal.Code, refusal.Detail, refusal.Hint);
        }
        var json = JsonSerializer.Serialize(report, RecoveryJson.Compact);
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DrillHistory>().PutAsync(report.Id, report.StartedAt, json, cancellationToken);
        return new RawJson(json);
    }
}
