using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CardanoRwa.Tests.Auth;
using CardanoRwa.Tests.Graph;
using Npgsql;

namespace CardanoRwa.Tests.Failover;

/// <summary>What clients are told while the database cannot take writes, or more is asked than can be done.</summary>
[Collection(GraphCollection.Name)]
public sealed class DegradationTests(GraphFixture graph)
{
    private static readonly Uri Assets = new("/api/v1/assets", UriKind.Relative);

    [Fact]
    public async Task Database_that_takes_no_writes_is_told_with_503_while_reads_go_on_and_writes_go_on_afterwards()
    {
        await using var node = await FreshNode.CreateAsync(graph);
        await using var api = await StartAsync(node.Database);
        using var client = api.Client("rwa-dev-key");
        await SetAsync(node.Database, "on");

        using (var refused = await client.PostAsJsonAsync(Assets, new { name = "a", value = 1 }))
        {
            await refused.ProblemAsync(HttpStatusCode.ServiceUnavailable, "database_read_only");
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Assets)).StatusCode);

        await SetAsync(node.Database, "off");
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync(Assets, new { name = "a", value = 1 })).StatusCode);
    }

    [Fact]
    public async Task Requests_beyond_what_is_worked_on_are_refused_at_once_and_the_rest_is_carried_out()
    {
        await using var node = await FreshNode.CreateAsync(graph);
        await using var api = await StartAsync(node.Database, ("Overload__ConcurrentRequests", "4"), ("Overload__QueuedRequests", "4"));
        using var client = api.Client("rwa-dev-key");
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync(Assets, new { name = "before", value = 1 })).StatusCode);
        await using var connection = new NpgsqlConnection(node.Database);
        await connection.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            // Every write waits for this.
            await new NpgsqlCommand("LOCK TABLE assets IN EXCLUSIVE MODE", connection, transaction).ExecuteNonQueryAsync();
            var sent = Enumerable.Range(0, 40).Select(i => client.PostAsJsonAsync(Assets, new { name = $"a{i}", value = 1 })).ToList();
            // Four are worked on and four wait; all others hear at once.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (sent.Count(t => t.IsCompleted) < 32)
            {
                await Task.Delay(20, patience.Token);
            }
            var refused = sent.Where(t => t.IsCompleted).ToList();
            foreach (var answer in await Task.WhenAll(refused))
            {
                await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable, "overloaded");
                Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
            }
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/alive", UriKind.Relative))).StatusCode);
            await transaction.RollbackAsync();

            var recovering = Stopwatch.StartNew();
            Assert.All(await Task.WhenAll(sent.Except(refused)).WaitAsync(TimeSpan.FromSeconds(30)), r => Assert.Equal(HttpStatusCode.Created, r.StatusCode));
            Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync(Assets, new { name = "after", value = 1 })).StatusCode);
            Assert.InRange(recovering.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public async Task Request_that_the_database_holds_up_hears_503_in_time_and_its_repetition_finds_one_asset()
    {
        await using var node = await FreshNode.CreateAsync(graph);
        await using var api = await StartAsync(node.Database, ("Overload__AnswerSeconds", "1"));
        using var client = api.Client("rwa-dev-key");
        client.DefaultRequestHeaders.Add("Idempotency-Key", "held-up");
        await using (var connection = new NpgsqlConnection(node.Database))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await new NpgsqlCommand("LOCK TABLE assets IN ACCESS EXCLUSIVE MODE", connection, transaction).ExecuteNonQueryAsync();
            foreach (var answer in await Task.WhenAll(client.PostAsJsonAsync(Assets, new { name = "a", value = 1 }), client.GetAsync(Assets), client.GetAsync(new Uri("/api/v1/assets?q=a", UriKind.Relative))).WaitAsync(TimeSpan.FromSeconds(20)))
            {
                await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable, "no_answer_in_time");
                Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
            }
        }
        using var repeated = await AnsweredAsync(() => client.PostAsJsonAsync(Assets, new { name = "a", value = 1 }));
        Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
        using var list = await AnsweredAsync(() => client.GetAsync(Assets));
        Assert.Equal(1, (await list.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").GetArrayLength());
    }

    /// <summary>As a client is told to: a second, which is short on a busy machine, and once more.</summary>
    private static async Task<HttpResponseMessage> AnsweredAsync(Func<Task<HttpResponseMessage>> send)
    {
        for (var since = Stopwatch.GetTimestamp(); ; Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(60)))
        {
            var answer = await send();
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return answer;
            }
            await Task.Delay(answer.Headers.RetryAfter!.Delta!.Value);
            answer.Dispose();
        }
    }

    private Task<ApiProcess> StartAsync(string database, params (string, string)[] settings) =>
        ApiProcess.Start(database, graph.Cache, [("ASPNETCORE_ENVIRONMENT", "Development"), .. settings]).ReadyAsync();

    private static async Task SetAsync(string database, string value)
    {
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await new NpgsqlCommand($"ALTER DATABASE {name} SET default_transaction_read_only = {value}; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'", connection).ExecuteNonQueryAsync();
    }
}
