using System.Diagnostics;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Tests.Graph;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace CardanoRwa.Tests.Minting;

/// <summary>
/// Minting workers die at every step of the processor while the chain forks, loses answers, refuses and lags. The campaign
/// (performance/crash-matrix.sh) takes every step under every trouble; the suite takes steps where a double or a loss would be made.
/// </summary>
[Collection(MintCollection.Name)]
public sealed class CrashMatrixTests(GraphFixture graph, ITestOutputHelper output)
{
    private static readonly bool Campaign = Environment.GetEnvironmentVariable("RWA_CAMPAIGN") is not null;
    private static readonly int Shift = int.Parse(Environment.GetEnvironmentVariable("RWA_CAMPAIGN_SHIFT") ?? "0", null);
    private static readonly int PerStep = Campaign ? 10 : 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(Campaign ? 300 : 150);

    private static readonly string[] ForOne = [CrashPoint.AfterPersist, CrashPoint.DuringGiveUp];
    private static readonly string[] ForTwo = [CrashPoint.AfterSubmitted, CrashPoint.BeforeConfirm, CrashPoint.AfterRollBack];
    private readonly List<Guid> _acknowledged = [];

    /// <summary>In a campaign each step meets another trouble at each shift.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Workers_killed_at_every_step_mint_and_burn_exactly_what_was_acknowledged(int workers)
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = await lab.AddAssetsAsync(10);
        using var trouble = new ChainTrouble(lab);
        var steps = Campaign ? CrashPoint.All : workers == 1 ? ForOne : ForTwo;
        var taken = Stopwatch.StartNew();
        foreach (var (turn, step) in steps.Index())
        {
            await KillAtAsync(lab, trouble, assets, workers, step, ChainTrouble.Turn(turn + Shift));
        }

        await using var last = lab.StartWorker();
        await lab.UntilOverAsync(Patience, last);
        await lab.AssertExactAsync(_acknowledged);
        output.WriteLine(await lab.TellAsync($"| {workers} | {Shift} | {steps.Count} of {CrashPoint.All.Count}", taken.Elapsed));
    }

    private async Task KillAtAsync(MintLab lab, ChainTrouble trouble, IReadOnlyList<Guid> assets, int workers, string step, TroubleKind kind)
    {
        await trouble.CalmAsync();
        Func<Task>? come = null;
        if (step.EndsWith("give-up", StringComparison.Ordinal))
        {
            await trouble.HoldBackAsync();
            come = trouble.ExpireAsync;
        }
        else if (step.EndsWith("revive", StringComparison.Ordinal))
        {
            await trouble.LagAsync(TimeSpan.FromSeconds(5));
            var newest = await lab.ReadAsync(db => db.ChainTransactions.MaxAsync(t => (long?)t.Sequence)) ?? 0;
            come = () => trouble.CatchUpAsync(newest);
        }
        else if (step.EndsWith("roll-back", StringComparison.Ordinal))
        {
            come = trouble.ThrowOutAsync;
        }
        await using var running = new WorkerProcesses([.. Enumerable.Range(0, workers).Select(_ => lab.StartWorker(step))]); // all killed at the end, wherever they are
        await RequestAsync(lab, assets, $"{step}-a");
        await (come?.Invoke() ?? Task.CompletedTask);
        await trouble.StrikeAsync(kind);
        await RequestAsync(lab, assets, $"{step}-b");
        Assert.True(await running.OneDiesAsync(TimeSpan.FromSeconds(60)), $"No worker came to the step {step} under {kind}.\n{MintLab.Tail(running.All)}");
    }

    private async Task RequestAsync(MintLab lab, IReadOnlyList<Guid> assets, string name)
    {
        for (var i = 0; i < PerStep; i++)
        {
            var key = $"{name}-{i}";
            var asset = assets[i % assets.Count];
            var mint = await lab.MintAsync(asset, 1 + i, key);
            _acknowledged.Add(mint);
            Assert.Equal(mint, await lab.MintAsync(asset, 1 + i, key)); // a double click
            if (i % 5 == 4 && (await lab.RequestAsync(asset, OperationKind.Burn, 1, key + "-burn")).Value is { } burn)
            {
                _acknowledged.Add(System.Text.Json.JsonSerializer.Deserialize<Guid>(burn.Body));
            }
        }
    }
}
