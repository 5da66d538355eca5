using CardanoRwa.Core.Data;
using CardanoRwa.Core.Text;
using CardanoRwa.Core.Writes;
using Microsoft.EntityFrameworkCore;

namespace CardanoRwa.Core.Jobs;

/// <summary>Takes jobs in and ends them on request; the writer saves.</summary>
public sealed class JobDesk(RwaDbContext db)
{
    // So that a client in a loop cannot fill a day.
    private const int MostQueued = 20;

    public async Task<Result<Job>> RequestAsync(string kind, RawJson parameters, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await db.Jobs.CountAsync(j => j.Kind == kind && j.State == JobState.Queued, cancellationToken) >= MostQueued)
        {
            return new Refusal(RefusalKind.Conflict, "job_queue_full", $"{MostQueued} jobs of kind '{kind}' wait already.", "Wait for them, or cancel some with POST /api/v1/jobs/{id}/cancel.");
        }
        var job = new Job { Id = stamp.EntityId, Kind = kind, Parameters = parameters.Text, RequestedBy = stamp.Actor, RequestedAt = stamp.At };
        db.Jobs.Add(job);
        return job;
    }

    /// <summary>One that waits is over at once; one that runs is told. Of one that is over nothing changes.</summary>
    public async Task<Result<Job>> CancelAsync(Guid id, ChangeStamp stamp, CancellationToken cancellationToken)
    {
        if (await db.Jobs.FromSql($"SELECT * FROM jobs WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken) is not { } job)
        {
            return NotFound(id);
        }
        if (job.State == JobState.Queued)
        {
            (job.State, job.FinishedAt, job.CancelRequested) = (JobState.Cancelled, stamp.At, true);
        }
        else if (job.State == JobState.Running)
        {
            job.CancelRequested = true;
        }
        else if (job.State != JobState.Cancelled)
        {
            return new Refusal(RefusalKind.Conflict, "job_over", $"Job {id} has {job.State.Wire()}.", "There is nothing to cancel.");
        }
        return job;
    }

    public Task<Job?> FindAsync(Guid id, CancellationToken cancellationToken) => db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == id, cancellationToken);

    /// <summary>Newest first: ids sort by the time of the request.</summary>
    public Task<List<Job>> ListAsync(string? kind, JobState? state, Guid beforeId, int limit, CancellationToken cancellationToken) =>
        db.Jobs.AsNoTracking()
            .Where(j => j.Id < beforeId && (kind == null || j.Kind == kind) && (state == null || j.State == state))
            .OrderByDescending(j => j.Id).Take(limit).ToListAsync(cancellationToken);

    public static Refusal NotFound(Guid id) => new(RefusalKind.NotFound, "job_not_found", $"There is no job {id}.", "List them with GET /api/v1/jobs.");
}
