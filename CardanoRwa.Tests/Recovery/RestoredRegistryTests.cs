using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CardanoRwa.Core.Minting;
using CardanoRwa.Recovery.Restore;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Tests.Minting;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CardanoRwa.Tests.Recovery;

/// <summary>A registry that came out of a backup: what it must not do, and how it comes to know what it lost. RECONCILE_MINTS sets how many mints.</summary>
[Collection(ReconcileCollection.Name)]
public sealed class RestoredRegistryTests(ServersFixture graph)
{
    private static readonly int Mints = int.TryParse(Environment.GetEnvironmentVariable("RECONCILE_MINTS"), out var mints) ? mints : 40;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(Mints > 100 ? 20 : 2);

    [Fact]
    public async Task Registry_restored_without_its_log_is_completed_from_the_chain_and_a_replay_mints_nothing_twice()
    {
        await using var cluster = await ThrowAwayCluster.CreateAsync(15);
        using var vault = new Vault();
        await using var lab = await MintLab.StartAsync(graph, cluster.ConnectionString, settings: ("Minting__TtlSlots", "600"));
        var assets = await lab.AddAssetsAsync(5);
        var acknowledged = new List<Guid>();
        await using (var worker = lab.StartWorker())
        {
            await MintAsync(0, Mints * 3 / 5);
            await lab.UntilOverAsync(Patience, worker);
        }
        await vault.BackUpAsync(cluster);
        await using (var worker = lab.StartWorker())
        {
            await MintAsync(Mints * 3 / 5, Mints);
            await lab.UntilOverAsync(Patience, worker);
        }
        await cluster.KillAndDeleteAsync();
        NpgsqlConnection.ClearAllPools();

        var began = Stopwatch.StartNew();
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        Vault.Value(await vault.TryRestoreAsync(new RestoreRequest(data, new RestoreTarget.Backup())));
        await using var restored = await ThrowAwayCluster.OnAsync(15, data, cluster.Port);
        await restored.StartAsync();
        Assert.Equal(Mints * 3 / 5, await lab.ReadAsync(db => db.Operations.CountAsync()));

        // A client comes again before anybody looked: its request is taken in, and waits.
        await using var held = lab.StartWorker();
        Assert.Equal(acknowledged[^1], await MintOneAsync(Mints - 1));
        await UntilAsync(() => held.Output.Contains("Minting is halted: this database was restored", StringComparison.Ordinal), held);
        await Task.Delay(1_500);
        Assert.Equal(OperationState.Queued, (await lab.FindAsync(acknowledged[^1])).State);

        var (code, output, errors) = await lab.RunVerbAsync("chain", "reconcile", "--apply", "--json");
        Assert.True(code == 2, output + errors);
        Assert.Equal(["in_flight_possible"], JsonNode.Parse(output)!["remaining"]!.AsArray().Select(f => (string)f!["code"]!));
        Assert.Equal("restored", (string)JsonNode.Parse(output)!["halted"]!);
        (code, output, errors) = await lab.RunVerbAsync("chain", "reconcile", "--apply", "--skip-wait", "--json");
        Assert.True(code == 0, output + errors);
        Assert.True((bool)JsonNode.Parse(output)!["haltLifted"]!);
        var recovered = began.Elapsed;

        for (var i = 0; i < Mints; i++)
        {
            Assert.Equal(acknowledged[i], await MintOneAsync(i));
        }
        await lab.UntilOverAsync(Patience, held);
        await lab.AssertExactAsync(acknowledged);
        // What the lab's transactions of setting up and this test itself take is not part of it.
        Console.WriteLine($"{Mints} mints, {Mints - (Mints * 3 / 5)} of them lost with the database: complete {recovered.TotalSeconds:0.0} s after the restore began.");

        Task<Guid> MintOneAsync(int i) => lab.MintAsync(assets[i % assets.Count], i + 1, $"client-{i.ToString(CultureInfo.InvariantCulture)}");

        async Task MintAsync(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                acknowledged.Add(await MintOneAsync(i));
            }
        }
    }

    [Fact]
    public async Task Copy_of_a_drill_neither_mints_nor_tells_receivers_nor_reconciles()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var asset = (await lab.AddAssetsAsync(1))[0];
        var operation = await lab.MintAsync(asset, 5, "once");
        await lab.ReadAsync(db => db.Database.ExecuteSqlRawAsync("""
            INSERT INTO webhooks (id, url, events, secret, created_by, created_at) VALUES ('0192b7f0-0000-7000-8000-000000000001', 'https://receiver.invalid/', ARRAY['*'], '\x00', 'test', now());
            INSERT INTO webhook_deliveries (id, webhook_id, event_id, event_type, subject_id, sequence, body, status, attempts, next_at, since)
            VALUES (gen_random_uuid(), '0192b7f0-0000-7000-8000-000000000001', gen_random_uuid(), 'asset.created', gen_random_uuid(), 1, '', 'pending', 0, now(), now())
            """));
        await SetAsync("SET rwa.restored = 'drill-test'");
        await using (var worker = lab.StartWorker())
        {
            await UntilAsync(() => worker.Output.Contains("It is a drill's copy", StringComparison.Ordinal), worker);
            await Task.Delay(2_000);
            Assert.Equal(OperationState.Queued, (await lab.FindAsync(operation)).State);
            Assert.Equal(0, await AttemptsAsync());
            var (code, _, errors) = await lab.RunVerbAsync("chain", "reconcile", "--apply", "--skip-wait");
            Assert.Equal(1, code);
            Assert.Contains("restored_copy", errors, StringComparison.Ordinal);
        }
        await SetAsync("RESET rwa.restored");
        await using (var worker = lab.StartWorker())
        {
            await lab.UntilOverAsync(Patience, worker);
            for (var waited = Stopwatch.StartNew(); await AttemptsAsync() == 0; await Task.Delay(100))
            {
                Assert.True(waited.Elapsed < Patience, worker.Output);
            }
        }

        Task<int> AttemptsAsync() => lab.ReadAsync(db => db.WebhookDeliveries.Where(d => d.Sequence == 1 && d.Body == "").SumAsync(d => d.Attempts));

        Task<int> SetAsync(string what) => lab.ReadAsync(async db =>
        {
            await db.Database.OpenConnectionAsync();
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            await using var command = new NpgsqlCommand($"ALTER DATABASE {connection.Database} {what}", connection);
            return await command.ExecuteNonQueryAsync();
        });
    }

    private static async Task UntilAsync(Func<bool> condition, WorkerProcess worker)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); await Task.Delay(50))
        {
            Assert.True(waited.Elapsed < Patience, worker.Output);
        }
    }
}
