using System.Text.Json;
using CardanoRwa.Api.Auth;
using CardanoRwa.Api.Writes;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Restored;

namespace CardanoRwa.Api.Drills;

internal static class DrillEndpoints
{
    private const int Most = 100;

    public static RouteGroupBuilder MapDrills(this RouteGroupBuilder v1)
    {
        var drills = v1.MapGroup("/drills").WithTags("Recovery").Operates();
        drills.MapGet("/", List).WithSummary("Reports of drills, newest first: what was restored, compared and measured.");
        drills.MapPost("/", Request).WithSummary("Asks a worker for a drill; the answer is the job that does it.").Produces<JobView>(202).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422);
        return v1;
    }

    private static async Task<Ok<DrillList>> List(DrillHistory history, CancellationToken cancellationToken) =>
        TypedResults.Ok(new DrillList(await history.ListAsync(Most, cancellationToken)));

    private static Task<Results<Written, ProblemHttpResult>> Request(RequestDrill input, WriteContext write, JobDesk desk, CancellationToken cancellationToken) =>
        write.ExecuteAsync((stamp, token) => desk.RequestAsync(DrillRequests.JobKind, input.ToParameters(stamp.Actor), stamp, token), Present, cancellationToken);

    private static WriteResponse Present(Job job) => new(202, JsonSerializer.SerializeToUtf8Bytes(JobView.Of(job), RegistryJson.Default.JobView), $"/api/v1/jobs/{job.Id}");
}
