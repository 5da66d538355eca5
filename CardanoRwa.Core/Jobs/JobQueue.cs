using CardanoRwa.Core.Data;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Jobs;

/// <summary>The workers' side of the table: take a job, say that it goes on, end it. All times are compared by the database's clock.</summary>
public sealed class JobQueue(RwaDbContext db, RegistryTransaction transaction)
{
    public const int MostAttempts = 3;

    /// <summary>How long a running job may go without a word before its worker counts as dead.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>Takes the oldest queued job of a kind, if there is one.</summary>
    public Task<Job?> ClaimAsync(string kind, string worker, CancellationToken cancellationToken) => transaction.RunAsync(worker, async (stamp, token) =>
    {
        var job = await db.Jobs.FromSql($"SELECT * FROM jobs WHERE kind = {kind} AND state = 'queued' ORDER BY requested_at, id LIMIT 1 FOR UPDATE SKIP LOCKED").SingleOrDefaultAsync(token);
        if (job is not null)
        {
            (job.State, job.Worker, job.StartedAt, job.Progress, job.Step) = (JobState.Running, worker, stamp.At, 0, null);
            job.Attempts++;
            job.HeartbeatAt = await NowAsync(token);
        }
        return job;
    }, cancellationToken);

    /// <summary>Jobs whose worker fell silent wait again or fail, as their handler declares.</summary>
    public Task<IReadOnlyList<Job>> TakeOrphansAsync(string kind, OrphanedJob fate, string worker, CancellationToken cancellationToken) => transaction.RunAsync(worker, async (stamp, token) =>
    {
        var orphans = await db.Jobs.FromSql($"SELECT * FROM jobs WHERE kind = {kind} AND state = 'running' AND heartbeat_at < clock_timestamp() - {Silence} FOR UPDATE SKIP LOCKED").ToListAsync(token);
        orphans.ForEach(job => Release(job, fate, stamp.At));
        return (IReadOnlyList<Job>)orphans;
    }, cancellationToken);

    /// <summary>Says that a job goes on, and how far it is.</summary>
    /// <returns>Null when this claim of it is no more; otherwise whether to cancel it.</returns>
    public async Task<bool?> BeatAsync(Job claim, JobProgress? progress, CancellationToken cancellationToken)
    {
        var (fraction, step) = (progress?.Fraction ?? 0, progress?.Step);
        // Past the audit: it is no change that anybody asked for.
        var told = await db.Database.SqlQuery<bool>($"""
            UPDATE jobs SET heartbeat_at = clock_timestamp(), progress = {fraction}, step = {step}
            WHERE id = {claim.Id} AND state = 'running' AND worker = {claim.Worker} AND attempts = {claim.Attempts} RETURNING cancel_requested AS "Value"
            """).ToListAsync(cancellationToken);
        return told.Count == 0 ? null : told[0];
    }

    public Task<bool> SucceedAsync(Job claim, RawJson result, CancellationToken cancellationToken) =>
        EndAsync(claim, (job, at) => (job.State, job.FinishedAt, job.Progress, job.Result) = (JobState.Succeeded, at, 1, result.Text), cancellationToken);

    public Task<bool> FailAsync(Job claim, Refusal why, CancellationToken cancellationToken) => EndAsync(claim, (job, at) => job.Fail(why, at), cancellationToken);

    public Task<bool> CancelAsync(Job claim, CancellationToken cancellationToken) =>
        EndAsync(claim, (job, at) => (job.State, job.FinishedAt) = (JobState.Cancelled, at), cancellationToken);

    /// <summary>The worker stops before the job is done.</summary>
    public Task<bool> ReleaseAsync(Job claim, OrphanedJob fate, CancellationToken cancellationToken) => EndAsync(claim, (job, at) => Release(job, fate, at), cancellationToken);

    /// <returns>False when this claim of it is no more, so that another worker's outcome counts.</returns>
    private Task<bool> EndAsync(Job claim, Action<Job, DateTimeOffset> change, CancellationToken cancellationToken) => transaction.RunAsync(claim.Worker!, async (stamp, token) =>
    {
        var job = await db.Jobs.FromSql($"SELECT * FROM jobs WHERE id = {claim.Id} AND state = 'running' AND worker = {claim.Worker} AND attempts = {claim.Attempts} FOR UPDATE").SingleOrDefaultAsync(token);
        if (job is not null)
        {
            change(job, stamp.At);
        }
        return job is not null;
    }, cancellationToken);

    private static void Release(Job job, OrphanedJob fate, DateTimeOffset at)
    {
        if (job.CancelRequested)
        {
            (job.State, job.FinishedAt) = (JobState.Cancelled, at);
        }
        else if (fate == OrphanedJob.Requeue && job.Attempts < MostAttempts)
        {
            (job.State, job.Worker, job.HeartbeatAt, job.Progress, job.Step) = (JobState.Queued, null, null, 0, null);
        }
        else
        {
            job.Fail(new Refusal(RefusalKind.Conflict, "worker_lost", $"The worker that ran it ended or fell silent (attempt {job.Attempts}).", "Ask for it again; the worker's log may say why."), at);
        }
    }

    private async Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").ToListAsync(cancellationToken))[0];
}
