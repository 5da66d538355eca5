using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Text;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Jobs;

[Collection(GraphCollection.Name)]
public sealed class JobQueueTests(GraphFixture graph)
{
    private static readonly RawJson Nothing = new("{}");

    [Fact]
    public async Task Each_job_is_claimed_once_however_many_workers_ask()
    {
        await using var node = await NodeAsync();
        foreach (var _ in Enumerable.Range(0, 6))
        {
            await RequestAsync(node);
        }
        var claims = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => ClaimAsync(node, $"worker-{i}")));
        Assert.Equal(6, claims.OfType<Job>().Select(j => j.Id).Distinct().Count());
        Assert.Equal(6, claims.Count(j => j is null));
    }

    [Fact]
    public async Task Job_of_a_dead_worker_begins_anew_and_what_the_dead_one_says_later_does_not_count()
    {
        await using var node = await NodeAsync();
        await RequestAsync(node);
        var dead = (await ClaimAsync(node, "dead"))!;
        Assert.Empty(await OrphansAsync(node, OrphanedJob.Requeue));
        await SilenceAsync(node, dead);

        Assert.Equal(JobState.Queued, Assert.Single(await OrphansAsync(node, OrphanedJob.Requeue)).State);
        var next = (await ClaimAsync(node, "next"))!;
        Assert.Equal((dead.Id, 2), (next.Id, next.Attempts));
        Assert.Null(await QueueAsync(node, q => q.BeatAsync(dead, new JobProgress(0.9, "late"), default)));
        Assert.False(await QueueAsync(node, q => q.SucceedAsync(dead, new RawJson("""{"by":"dead"}"""), default)));
        Assert.False(await QueueAsync(node, q => q.BeatAsync(next, new JobProgress(0.5, "half"), default)));
        Assert.True(await QueueAsync(node, q => q.SucceedAsync(next, new RawJson("""{"by":"next"}"""), default)));

        var job = await FindAsync(node, dead.Id);
        Assert.Equal((JobState.Succeeded, 1.0), (job.State, job.Progress));
        Assert.Contains("next", job.Result, StringComparison.Ordinal);
        Assert.Equal(5, await node.QueryAsync(db => db.Audit.CountAsync(a => a.SubjectId == job.Id)));
    }

    [Fact]
    public async Task Job_that_kills_every_worker_is_given_up_and_one_that_may_not_repeat_fails_at_once()
    {
        await using var node = await NodeAsync();
        var id = await RequestAsync(node);
        for (var attempt = 1; attempt <= JobQueue.MostAttempts; attempt++)
        {
            await SilenceAsync(node, (await ClaimAsync(node, "dead"))!);
            await OrphansAsync(node, OrphanedJob.Requeue);
        }
        Assert.Equal((JobState.Failed, "worker_lost"), await FindAsync(node, id) is var given ? (given.State, given.FailureCode) : default);

        var once = await RequestAsync(node);
        await SilenceAsync(node, (await ClaimAsync(node, "dead"))!);
        Assert.Equal(JobState.Failed, Assert.Single(await OrphansAsync(node, OrphanedJob.Fail)).State);
        Assert.Equal(1, (await FindAsync(node, once)).Attempts);
    }

    [Fact]
    public async Task Cancel_ends_a_waiting_job_and_tells_the_worker_of_a_running_one()
    {
        await using var node = await NodeAsync();
        var waiting = await RequestAsync(node);
        Assert.Equal(JobState.Cancelled, (await CancelAsync(node, waiting)).State);
        Assert.Null(await ClaimAsync(node, "worker"));

        var running = await RequestAsync(node);
        var claim = (await ClaimAsync(node, "worker"))!;
        Assert.Equal(JobState.Running, (await CancelAsync(node, running)).State);
        Assert.True(await QueueAsync(node, q => q.BeatAsync(claim, null, default)));
        Assert.True(await QueueAsync(node, q => q.CancelAsync(claim, default)));
        Assert.Equal(JobState.Cancelled, (await FindAsync(node, running)).State);
    }

    private Task<FreshNode> NodeAsync() => FreshNode.CreateAsync(graph, services => services.AddScoped<JobDesk>().AddScoped<JobQueue>());

    private static async Task<Guid> RequestAsync(FreshNode node) => (await node.WriteAsync((s, stamp, token) => s.GetRequiredService<JobDesk>().RequestAsync("test", Nothing, stamp, token))).Id;

    private static Task<Job> CancelAsync(FreshNode node, Guid id) => node.WriteAsync((s, stamp, token) => s.GetRequiredService<JobDesk>().CancelAsync(id, stamp, token));

    private static Task<Job?> ClaimAsync(FreshNode node, string worker) => QueueAsync(node, q => q.ClaimAsync("test", worker, default));

    private static Task<IReadOnlyList<Job>> OrphansAsync(FreshNode node, OrphanedJob fate) => QueueAsync(node, q => q.TakeOrphansAsync("test", fate, "finder", default));

    private static Task<T> QueueAsync<T>(FreshNode node, Func<JobQueue, Task<T>> ask) => node.ScopedAsync(s => ask(s.GetRequiredService<JobQueue>()));

    private static Task<Job> FindAsync(FreshNode node, Guid id) => node.QueryAsync(db => db.Jobs.AsNoTracking().SingleAsync(j => j.Id == id));

    private static Task<int> SilenceAsync(FreshNode node, Job job) => node.QueryAsync(db => db.Database.ExecuteSqlAsync($"UPDATE jobs SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE id = {job.Id}"));
}
