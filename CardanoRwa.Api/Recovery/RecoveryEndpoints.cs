using System.Text.Json;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Jobs;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core;
using CardanoRwa.Core.Data;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Recovery;

namespace CardanoRwa.Api.Recovery;

/// <summary>Shows what the worker reports: the Api has no credentials of stores and never waits for one.</summary>
internal static class RecoveryEndpoints
{
    public static RouteGroupBuilder MapRecovery(this RouteGroupBuilder v1)
    {
        v1.MapGet("/recovery/status", Status).WithTags("Recovery").Operates().WithSummary("What can be restored, to when, and what is wrong.");
        var backups = v1.MapGroup("/backups").WithTags("Recovery").Operates();
        backups.MapGet("/", List).WithSummary("The backups in the stores, newest first.");
        backups.MapGet("/{backupId}", Get).WithSummary("One backup.").ProducesProblem(404);
        backups.MapPost("/", Request).WithSummary("Asks for a base backup now; the answer is a job.").Produces<JobView>(202).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422);
        return v1;
    }

    private static async Task<Ok<RecoveryStatusView>> Status(RwaDbContext db, CancellationToken cancellationToken) => TypedResults.Ok(
        await RecoveryReports.FindAsync<RecoveryReport>(db, RecoveryReports.Status, cancellationToken) is var (report, at, age) ? RecoveryStatusView.Of(report, at, age) : RecoveryStatusView.None);

    private static async Task<Ok<BackupList>> List(RwaDbContext db, CancellationToken cancellationToken) => TypedResults.Ok(await ReadAsync(db, cancellationToken));

    private static async Task<Results<Ok<BackupView>, ProblemHttpResult>> Get(string backupId, RwaDbContext db, CancellationToken cancellationToken) =>
        (await ReadAsync(db, cancellationToken)).Items.FirstOrDefault(b => b.Id == backupId) is { } backup
            ? TypedResults.Ok(backup)
            : new Refusal(RefusalKind.NotFound, "backup_not_found", "No store has this backup.", "List them with GET /api/v1/backups.").ToProblem();

    private static Task<Results<Written, ProblemHttpResult>> Request(RequestBackup input, WriteContext write, JobDesk desk, CancellationToken cancellationToken)
    {
        var parameters = new RawJson(JsonSerializer.Serialize(input, RegistryJson.Default.RequestBackup));
        return write.ExecuteAsync((stamp, token) => desk.RequestAsync(BackupJobs.Kind, parameters, stamp, token), JobEndpoints.Accepted, cancellationToken);
    }

    private static async Task<BackupList> ReadAsync(RwaDbContext db, CancellationToken cancellationToken) =>
        await RecoveryReports.FindAsync<List<BackupView>>(db, RecoveryReports.Backups, cancellationToken) is var (backups, _, age) ? new BackupList(backups, Math.Round(age.TotalSeconds, 1)) : new BackupList([], null);
}
