using System.Diagnostics;
using System.Net;
using System.Text.Json;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Recovery;

[Collection(GraphCollection.Name)]
public sealed class RecoveryEndpointsTests(GraphFixture graph)
{
    [Fact]
    public async Task Backup_and_drill_that_were_asked_for_are_done_by_the_worker_and_their_jobs_tell()
    {
        var backup = await DoneAsync("/api/v1/backups", new { incremental = false });
        Assert.True(backup.Text("state") == "succeeded", backup.GetRawText());
        Assert.NotEqual("", backup.GetProperty("result").Text("backupId"));
        await ListedAsync("/api/v1/backups");
        Assert.Contains(backup.Text("id"), (await graph.Api.GetJsonAsync("/api/v1/jobs?kind=backup&state=succeeded&limit=200")).GetRawText(), StringComparison.Ordinal);
        using var late = await graph.Api.PostAsync($"/api/v1/jobs/{backup.Text("id")}/cancel", "");
        await late.ProblemAsync(HttpStatusCode.Conflict, "job_over");

        var drill = await DoneAsync("/api/v1/drills", new { full = false });
        Assert.True(drill.Text("state") == "succeeded", drill.GetRawText());
        await ListedAsync("/api/v1/drills");
    }

    // The worker tells what there is every few seconds.
    private async Task ListedAsync(string path)
    {
        for (var since = Stopwatch.GetTimestamp(); (await graph.Api.GetJsonAsync(path)).GetProperty("items").GetArrayLength() == 0; await Task.Delay(200))
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(1), $"{path} stays empty.");
        }
    }

    private async Task<JsonElement> DoneAsync(string path, object body)
    {
        var key = Guid.NewGuid().ToString();
        using var asked = await graph.Api.PostAsync(path, body, key);
        using var again = await graph.Api.PostAsync(path, body, key);
        var job = await asked.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal(job.Text("id"), (await again.JsonAsync(HttpStatusCode.Accepted)).Text("id"));
        Assert.Equal($"/api/v1/jobs/{job.Text("id")}", asked.Headers.Location?.ToString());

        var since = Stopwatch.GetTimestamp();
        while (job.Text("state") is "queued" or "running")
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(5), job.GetRawText());
            await Task.Delay(200);
            job = await graph.Api.GetJsonAsync($"/api/v1/jobs/{job.Text("id")}");
        }
        return job;
    }

    [Fact]
    public async Task Questions_that_have_no_answer_are_refused()
    {
        using var job = await graph.Api.GetAsync(new Uri($"/api/v1/jobs/{Guid.NewGuid()}", UriKind.Relative));
        using var backup = await graph.Api.GetAsync(new Uri("/api/v1/backups/none", UriKind.Relative));
        using var state = await graph.Api.GetAsync(new Uri("/api/v1/jobs?state=odd", UriKind.Relative));
        await job.ProblemAsync(HttpStatusCode.NotFound, "job_not_found");
        await backup.ProblemAsync(HttpStatusCode.NotFound, "backup_not_found");
        await state.ProblemAsync(HttpStatusCode.BadRequest, "validation_failed");
        using var stranger = graph.Client(null);
        using var closed = await stranger.GetAsync(new Uri("/api/v1/recovery/status", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
    }
}
