using System.Net;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Writes;
using CardanoRwa.Tests.Caching;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static CardanoRwa.Tests.Graph.HttpExtensions;

namespace CardanoRwa.Tests.Assets;

/// <summary>Assets that are registered together are as good as those registered alone.</summary>
[Collection(GraphCollection.Name)]
public sealed class IntakeTests(GraphFixture graph)
{
    [Fact]
    public async Task Registered_together_each_gets_its_own_answer_and_a_refusal_is_nobody_elses()
    {
        var kind = $"k{Guid.NewGuid():N}"[..20];
        var taken = (await graph.Api.CreateAssetAsync(new { name = "a", value = 1, externalId = kind })).Text("externalId");
        // In one go: 60 of their own, 20 twins under one key, 20 that want one externalId, 20 whose externalId is taken.
        var sent = Enumerable.Range(0, 120).Select(i => (Group: i % 6, Body: new
        {
            name = i % 6 == 3 ? "twin" : $"n{i}",
            value = i % 6 == 3 ? 1 : i,
            kind,
            externalId = (i % 6) switch { 4 => kind + "-wanted", 5 => taken, _ => null },
        }, Key: i % 6 == 3 ? kind : $"{kind}-{i}")).ToList();

        var answers = await Task.WhenAll(sent.Select(async s => (s.Group, Answer: await graph.Api.PostAsync(AssetsPath, s.Body, s.Key))));

        foreach (var (group, answer) in answers.Where(a => a.Group < 4))
        {
            Assert.True(answer.StatusCode == HttpStatusCode.Created, $"group {group}: {answer.StatusCode}");
        }
        Assert.Single(answers, a => a.Group == 4 && a.Answer.StatusCode == HttpStatusCode.Created);
        foreach (var (_, answer) in answers.Where(a => a.Group == 5 || (a.Group == 4 && a.Answer.StatusCode != HttpStatusCode.Created)))
        {
            await answer.ProblemAsync(HttpStatusCode.Conflict, "external_id_taken");
        }
        Assert.Equal(62, await graph.ScalarAsync<long>("SELECT count(*) FROM assets WHERE kind = $1", kind));
        Assert.Equal(62, await graph.ScalarAsync<long>("SELECT count(*) FROM assets a JOIN valuations v ON v.asset_id = a.id AND v.value = a.value AND v.as_of = a.value_as_of WHERE kind = $1", kind));
        // Of each one row of the asset and one of the valuation, that say who it was and announce the event.
        Assert.Equal(62, await graph.ScalarAsync<long>("SELECT count(*) FROM assets a JOIN audit u ON u.subject_id = a.id AND u.action = 'asset.created' AND u.event = 'asset.created' AND u.actor = 'key:development' WHERE kind = $1", kind));
        Assert.Equal(124, await graph.ScalarAsync<long>("SELECT count(*) FROM assets a JOIN audit u ON u.asset_id = a.id WHERE kind = $1", kind));
        // Fewer transactions than assets, or this test looks at nothing.
        Assert.InRange(await graph.ScalarAsync<long>("SELECT count(DISTINCT u.transaction_id) FROM assets a JOIN audit u ON u.subject_id = a.id WHERE kind = $1", kind), 1, 45);
        var replayed = await graph.Api.PostAsync(AssetsPath, sent[0].Body, sent[0].Key);
        Assert.Equal(await answers[0].Answer.Content.ReadAsStringAsync(), await replayed.Content.ReadAsStringAsync());
        Assert.True(replayed.Headers.Contains("Idempotency-Replayed"));
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, "keyed")]
    [InlineData(false, "keyed")]
    public async Task Common_transaction_whose_commit_is_in_doubt_registers_each_once(bool heard, string? key)
    {
        await using var wire = new CutWire(graph.Database);
        using var node = RegistryNode.Create(graph, database: wire.Database);
        var intake = node.Services.GetRequiredService<AssetIntake>();
        var prefix = Guid.NewGuid().ToString("N");
        await RegisterAsync(intake, $"{prefix}-before", key is null ? null : $"{prefix}-before"); // all is prepared from here on

        // Keys are looked up in an exchange of their own, before that which inserts and commits.
        wire.CutAt(key is null ? 1 : 2, heard);
        var name = $"{prefix}-doubt";
        var result = await RegisterAsync(intake, name, key is null ? null : name);

        Assert.Equal(1, wire.Cuts);
        Assert.Null(result.Refusal);
        var stored = await graph.ScalarAsync<Guid[]>("SELECT array_agg(id) FROM assets WHERE name = $1", name);
        Assert.Equal([new Guid(result.Value!.Body)], stored);
        Assert.Equal(2, await graph.ScalarAsync<long>("SELECT count(*) FROM audit WHERE asset_id = $1", stored[0]));
        if (key is not null)
        {
            var again = await RegisterAsync(intake, name, name);
            Assert.True(again.Value!.Replayed);
            Assert.Equal(result.Value.Body, again.Value.Body);
        }
    }

    [Fact]
    public async Task Row_that_another_transaction_holds_holds_up_nobody_else()
    {
        using var node = RegistryNode.Create(graph);
        var intake = node.Services.GetRequiredService<AssetIntake>();
        var key = Guid.NewGuid().ToString("N");
        await RegisterAsync(intake, $"{key}-before", $"{key}-before");
        await using var other = new NpgsqlConnection(graph.Database);
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand("INSERT INTO idempotency_keys (actor, key, request_hash, status_code, body, created_at) VALUES ('test', $1, '', 201, '', now())", other) { Parameters = { new() { Value = key } } })
        {
            await insert.ExecuteNonQueryAsync();
        }

        var held = RegisterAsync(intake, $"{key}-held", key);
        // What is in its own round waits with it.
        while (await graph.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid' AND query LIKE '%idempotency_keys%'") == 0)
        {
            await Task.Delay(20);
        }
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => RegisterAsync(intake, $"{key}-{i}", $"{key}-{i}"))).WaitAsync(TimeSpan.FromSeconds(4));

        Assert.All(answers, a => Assert.Null(a.Refusal));
        Assert.False(held.IsCompleted);
        await transaction.RollbackAsync();
        Assert.Null((await held).Refusal);
    }

    [Fact]
    public async Task Rounds_over_a_registry_that_was_empty_when_they_were_planned_do_not_read_all_of_it()
    {
        const int Rounds = 40;
        await using var node = await FreshNode.CreateAsync(graph);
        // Empty and known to be: the planner takes one that was never looked at for ten pages long.
        await node.QueryAsync(db => db.Database.ExecuteSqlAsync($"VACUUM ANALYZE idempotency_keys, assets"));
        for (var i = 0; i < Rounds; i++)
        {
            await RegisterAsync(node.Get<AssetIntake>(), $"planned early {i}", $"planned early {i}", externalId: $"planned early {i}");
        }

        // A connection tells what it counted when it likes, and at the latest when it ends.
        await node.QueryAsync(db =>
        {
            NpgsqlConnection.ClearPool((NpgsqlConnection)db.Database.GetDbConnection());
            return Task.FromResult(0);
        });
        for (var look = 0; await InsertedAsync() < Rounds; look++)
        {
            Assert.True(look < 1_000, "What was inserted is not told.");
            await Task.Delay(20);
        }
        // The indexes' making counts as eleven.
        Assert.InRange(await node.QueryAsync(db => db.Database.SqlQuery<long>(
            $"SELECT sum(seq_scan)::bigint AS \"Value\" FROM pg_stat_user_tables WHERE relname IN ('idempotency_keys', 'assets')").SingleAsync()), 0, 20);

        Task<long> InsertedAsync() => node.QueryAsync(db => db.Database.SqlQuery<long>($"SELECT n_tup_ins AS \"Value\" FROM pg_stat_user_tables WHERE relname = 'idempotency_keys'").SingleAsync());
    }

    private static Task<Core.Result<WriteResponse>> RegisterAsync(AssetIntake intake, string name, string? key, string? externalId = null) => intake.RegisterAsync(
        new WriteRequest("test", key, [1, 2, 3]), new CreateAsset(name, 1, ExternalId: externalId), asset => new WriteResponse(201, asset.Id.ToByteArray()), CancellationToken.None);
}
