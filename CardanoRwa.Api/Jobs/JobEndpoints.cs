using System.Text.Json;
using CardanoRwa.Api.Assets;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Problems;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core.Jobs;

namespace CardanoRwa.Api.Jobs;

internal static class JobEndpoints
{
    public static RouteGroupBuilder MapJobs(this RouteGroupBuilder v1)
    {
        var jobs = v1.MapGroup("/jobs").WithTags("Jobs").Operates();
        jobs.MapGet("/", List).WithSummary("Jobs, newest first.").ProducesProblem(400);
        jobs.MapGet("/{jobId:guid}", Get).WithSummary("A job and how far it is.").ProducesProblem(404);
        jobs.MapPost("/{jobId:guid}/cancel", Cancel).WithSummary("Ends a job: one that waits at once, one that runs within seconds.").Produces<JobView>().ProducesProblem(404).ProducesProblem(409);
        return v1;
    }

    /// <summary>The answer to whoever asked for a job.</summary>
    public static WriteResponse Accepted(Job job) => Present(job, 202);

    private static async Task<Results<Ok<JobPage>, ProblemHttpResult>> List(string? limit, string? cursor, string? kind, string? state, JobDesk desk, CancellationToken cancellationToken)
    {
        if (KeysetPage.Parse(limit, cursor).IsRefused(out var refusal, out var page))
        {
            return refusal.ToProblem();
        }
        JobState? wanted = null;
        if (state is not null)
        {
            if (!WireNames.TryParse<JobState>(state, out var known))
            {
                var errors = new FieldErrors();
                errors.Add("state", "must be queued, running, succeeded, failed or cancelled");
                return errors.ToRefusal()!.ToProblem();
            }
            wanted = known;
        }
        var rows = await desk.ListAsync(kind, wanted, page.BeforeId, page.Limit + 1, cancellationToken);
        var (items, next) = page.Cut(rows, j => (DateOnly.MaxValue, j.Id));
        return TypedResults.Ok(new JobPage([.. items.Select(JobView.Of)], next));
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> Get(Guid jobId, JobDesk desk, CancellationToken cancellationToken) =>
        await desk.FindAsync(jobId, cancellationToken) is { } job ? TypedResults.Ok(JobView.Of(job)) : JobDesk.NotFound(jobId).ToProblem();

    private static Task<Results<Written, ProblemHttpResult>> Cancel(Guid jobId, WriteContext write, JobDesk desk, CancellationToken cancellationToken) =>
        write.ExecuteAsync((stamp, token) => desk.CancelAsync(jobId, stamp, token), job => Present(job, 200), cancellationToken);

    private static WriteResponse Present(Job job, int status) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(JobView.Of(job), RegistryJson.Default.JobView), status == 202 ? $"/api/v1/jobs/{job.Id}" : null);
}
