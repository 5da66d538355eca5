using System.Net;
using CardanoRwa.Tests.Graph;
using Npgsql;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Compliance;

[Collection(GraphCollection.Name)]
public sealed class ComplianceTests(GraphFixture graph)
{
    [Fact]
    public async Task Decision_records_who_when_why_and_until()
    {
        var (path, id) = await RequestAsync();
        using var response = await graph.Api.PostAsync($"{path}/{id}/decision", new { decision = "approved", reason = "deed checked", validUntil = "2099-01-01T00:00:00Z" });

        var record = await response.JsonAsync();
        Assert.Equal(("approved", "key:development", "deed checked"), (record.Text("status"), record.Text("decidedBy"), record.Text("reason")));
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, record.GetProperty("decidedAt").ValueKind);
    }

    [Fact]
    public async Task Decision_is_final()
    {
        var (path, id) = await RequestAsync();
        using var first = await graph.Api.PostAsync($"{path}/{id}/decision", new { decision = "rejected", reason = "no deed" });
        using var second = await graph.Api.PostAsync($"{path}/{id}/decision", new { decision = "approved", reason = "changed my mind" });

        await first.JsonAsync();
        await second.ProblemAsync(HttpStatusCode.Conflict, "already_decided");
    }

    [Fact]
    public async Task Concurrent_decisions_let_one_through()
    {
        var (path, id) = await RequestAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => graph.Api.PostAsync($"{path}/{id}/decision", new { decision = i % 2 == 0 ? "approved" : "rejected", reason = "race" })));

        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Approval_past_its_end_reads_as_expired_at_once_and_is_written_down_by_the_worker()
    {
        var (path, id) = await RequestAsync();
        using var decision = await graph.Api.PostAsync($"{path}/{id}/decision", new { decision = "approved", reason = "for a moment", validUntil = DateTimeOffset.Parse("2099-01-01T00:00:00Z", null) });
        await decision.JsonAsync();
        await using var source = NpgsqlDataSource.Create(graph.Database);
        await using (var age = source.CreateCommand("UPDATE compliance_records SET valid_until = now() - interval '1 second' WHERE id = $1"))
        {
            age.Parameters.AddWithValue(Guid.Parse(id));
            await age.ExecuteNonQueryAsync();
        }

        var listed = (await graph.Api.GetJsonAsync(path)).GetProperty("items")[0];

        Assert.Equal("expired", listed.Text("status"));
    }

    [Theory]
    [InlineData("""{"decision":"maybe","reason":"x"}""", "decision")]
    [InlineData("""{"decision":"approved","reason":""}""", "reason")]
    [InlineData("""{"decision":"approved","reason":"x","validUntil":"2001-01-01T00:00:00Z"}""", "validUntil")]
    [InlineData("""{"decision":"rejected","reason":"x","validUntil":"2099-01-01T00:00:00Z"}""", "validUntil")]
    public async Task Decision_with_a_fault_names_it(string body, string field)
    {
        var (path, id) = await RequestAsync();
        using var response = await graph.Api.PostAsync($"{path}/{id}/decision", body);

        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "validation_failed");
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
    }

    private async Task<(string Path, string Id)> RequestAsync()
    {
        var path = $"{AssetsPath}/{(await graph.Api.CreateAssetAsync()).Text("id")}/compliance-records";
        using var response = await graph.Api.PostAsync(path, new { check = "title" });
        var record = await response.JsonAsync(HttpStatusCode.Created);
        Assert.Equal("pending", record.Text("status"));
        return (path, record.Text("id"));
    }
}
