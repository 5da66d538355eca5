using System.Diagnostics;
using System.Globalization;
using CardanoRwa.Core.Minting;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace CardanoRwa.Tests.Minting;

/// <summary>A backlog drains in full blocks. The campaign (RWA_CAMPAIGN=1) takes 10,000 operations and prints what was measured.</summary>
[Collection(MintCollection.Name)]
public sealed class ThroughputTests(GraphFixture graph, ITestOutputHelper output)
{
    private static readonly int Backlog = Environment.GetEnvironmentVariable("RWA_CAMPAIGN") is null ? 300 : 10_000;
    private static readonly int Paced = Backlog == 300 ? 40 : 100;

    [Fact]
    public async Task Backlog_drains_in_full_transactions_without_growth_and_to_the_last_operation()
    {
        await using var lab = await MintLab.StartAsync(graph, blockEveryMilliseconds: 1000);
        var assets = await lab.AddAssetsAsync(100);
        var acknowledged = new List<Guid>(Backlog);
        for (var i = 0; i < Backlog; i++)
        {
            acknowledged.Add(await lab.MintAsync(assets[i % assets.Count], 1, i.ToString(CultureInfo.InvariantCulture)));
        }

        await using var worker = lab.StartWorker();
        await lab.UntilSomeAsync(TransactionStage.Submitted);
        var watch = Stopwatch.StartNew();
        var drained = lab.UntilOverAsync(TimeSpan.FromMinutes(10), worker);
        var memory = new List<long>();
        while (!drained.IsCompleted)
        {
            memory.Add(worker.ResidentMegabytes);
            await Task.Delay(250);
        }
        await drained;
        var seconds = watch.Elapsed.TotalSeconds;
        await lab.AssertExactAsync(acknowledged);

        // All but the last of a backlog are full.
        var sizes = await lab.ReadAsync(db => db.ChainTransactions.OrderBy(t => t.Sequence).Select(t => new { t.Bytes.Length, t.Operations }).ToListAsync());
        var full = sizes.SkipLast(1).ToList();
        var used = full.Average(t => t.Length) / 16_384;
        output.WriteLine($"{Backlog} operations in {seconds:F1} s: {Backlog / seconds:F0}/s, {sizes.Count} transactions, {full.Average(t => t.Operations):F1} operations and {used:P1} of 16 KB each; resident {memory.First()} to {memory.Max()} MB");
        Assert.InRange(used, 0.9, 1.0);
        Assert.True(memory.Max() < 400, $"The worker grew to {memory.Max()} MB.");
    }

    [Fact]
    public async Task Twenty_requests_a_second_are_submitted_soon_and_confirmed()
    {
        await using var lab = await MintLab.StartAsync(graph, blockEveryMilliseconds: 1000);
        var assets = await lab.AddAssetsAsync(20);
        await using var worker = lab.StartWorker();
        await lab.UntilAsync(await lab.MintAsync(assets[0], 1, "warm"), o => o.State == OperationState.Confirmed, null, worker);
        var acknowledged = new List<Guid>();
        var pace = Stopwatch.StartNew();
        for (var i = 0; i < Paced; i++)
        {
            acknowledged.Add(await lab.MintAsync(assets[i % assets.Count], 1, $"paced-{i}"));
            var due = TimeSpan.FromMilliseconds(50 * (i + 1)) - pace.Elapsed;
            await Task.Delay(due > TimeSpan.Zero ? due : TimeSpan.Zero);
        }
        await lab.UntilOverAsync(TimeSpan.FromSeconds(60), worker);

        var latencies = await lab.ReadAsync(db => db.Operations.Where(o => acknowledged.Contains(o.Id)).Select(o => (o.SubmittedAt!.Value - o.CreatedAt).TotalMilliseconds).ToListAsync());
        latencies.Sort();
        output.WriteLine($"request to submitted: p50 {latencies[Paced / 2]:F0} ms, p95 {latencies[Paced * 95 / 100]:F0} ms, max {latencies[^1]:F0} ms");
        // The mark is 250 ms on a quiet machine, and the number above is what is recorded; this catches the loss of an order of magnitude.
        Assert.True(latencies[Paced * 95 / 100] < 2000, $"p95 is {latencies[Paced * 95 / 100]:F0} ms; the alert is at 2 s.");
    }
}
