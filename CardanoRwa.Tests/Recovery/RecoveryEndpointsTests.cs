using System.Diagnostics;
using System.Net;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Recovery;

[Collection(GraphCollection.Name)]
public sealed class RecoveryEndpointsTests(GraphFixture graph)
{
    [Fact]
    public async Task Backup_that_was_asked_for_is_made_by_the_worker_and_its_job_tells()
    {
        var key = Guid.NewGuid().ToString();
        using var asked = await graph.Api.PostAsync("/api/v1/backups", new { incremental = false }, key);
        using var again = await graph.Api.PostAsync("/api/v1/backups", new { incremental = false }, key);
        var job = await asked.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal(job.Text("id"), (await again.JsonAsync(HttpStatusCode.Accepted)).Text("id"));
        Assert.Equal($"/api/v1/jobs/{job.Text("id")}", asked.Headers.Location?.ToString());

        var since = Stopwatch.GetTimestamp();
        while (job.Text("state") is "queued" or "running")
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(2), job.GetRawText());
            await Task.Delay(200);
            job = await graph.Api.GetJsonAsync($"/api/v1/jobs/{job.Text("id")}");
        }
        Assert.True(job.Text("state") == "succeeded", job.GetRawText());
        Assert.NotEqual("", job.GetProperty("result").Text("backupId"));
        Assert.Contains(job.Text("id"), (await graph.Api.GetJsonAsync("/api/v1/jobs?kind=backup&state=succeeded&limit=200")).GetRawText(), StringComparison.Ordinal);
        using var late = await graph.Api.PostAsync($"/api/v1/jobs/{job.Text("id")}/cancel", "");
        await late.ProblemAsync(HttpStatusCode.Conflict, "job_over");
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

    [Fact]
    public async Task Status_without_a_worker_that_backs_up_says_so()
    {
        // In Development nothing is backed up by itself.
        var status = await graph.Api.GetJsonAsync("/api/v1/recovery/status");
        Assert.Equal("none", status.Text("state"));
        Assert.Equal(0, (await graph.Api.GetJsonAsync("/api/v1/backups")).GetProperty("items").GetArrayLength());
    }
}
