using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Minting.Processing;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Minting;

/// <summary>
/// Minting workers die at every step of the processor while the chain forks, loses answers, refuses and lags. The campaign
/// (RWA_CAMPAIGN=1) takes every step with hundreds of operations; the suite takes those where a double or a loss would be made.
/// </summary>
[Collection(MintCollection.Name)]
public sealed class CrashMatrixTests(GraphFixture graph)
{
    private static readonly bool Campaign = Environment.GetEnvironmentVariable("RWA_CAMPAIGN") is not null;
    private static readonly int PerStep = Campaign ? 30 : 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(Campaign ? 300 : 150);

    private static readonly string[] ForOne = [CrashPoint.AfterPersist, CrashPoint.AfterGiveUp];
    private static readonly string[] ForTwo = [CrashPoint.AfterSubmitted, CrashPoint.BeforeConfirm];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Workers_killed_at_every_step_mint_and_burn_exactly_what_was_acknowledged(int workers)
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = await lab.AddAssetsAsync(10);
        var acknowledged = new List<Guid>();
        using var trouble = new ChainTrouble(lab.Chain);
        foreach (var step in Campaign ? CrashPoint.All : workers == 1 ? ForOne : ForTwo)
        {
            var expire = step is CrashPoint.BeforeGiveUp or CrashPoint.AfterGiveUp;
            if (expire)
            {
                await trouble.HoldBackAsync();
            }
            var running = Enumerable.Range(0, workers).Select(_ => lab.StartWorker($"{step}:1")).ToArray();
            try
            {
                await RequestAsync(lab, assets, acknowledged, step, 0);
                await (expire ? trouble.ExpireAsync(lab) : trouble.StrikeAsync());
                await RequestAsync(lab, assets, acknowledged, step, 1);
                Assert.True(await DieAsync(running), $"No worker came to the step {step}.");
            }
            finally
            {
                foreach (var worker in running)
                {
                    await worker.DisposeAsync(); // kill -9, wherever it is now
                }
            }
        }

        await trouble.CalmAsync();
        await using var last = lab.StartWorker();
        await lab.UntilOverAsync(Patience, last);
        await lab.AssertExactAsync(acknowledged);
    }

    private static async Task<bool> DieAsync(WorkerProcess[] workers)
    {
        var patience = TimeSpan.FromSeconds(60);
        return await (await Task.WhenAny(workers.Select(w => w.DiesAsync(1, patience))));
    }

    private static async Task RequestAsync(MintLab lab, IReadOnlyList<Guid> assets, List<Guid> acknowledged, string step, int half)
    {
        for (var i = 0; i < PerStep; i++)
        {
            var key = $"{step}-{half}-{i}";
            var asset = assets[i % assets.Count];
            acknowledged.Add(await lab.MintAsync(asset, 1 + i, key));
            if (i % 5 == 4 && (await lab.RequestAsync(asset, OperationKind.Burn, 1, key + "-burn")).Value is { } burn)
            {
                acknowledged.Add(System.Text.Json.JsonSerializer.Deserialize<Guid>(burn.Body));
            }
            Assert.Equal(acknowledged[^1], i % 5 == 4 ? acknowledged[^1] : await lab.MintAsync(asset, 1 + i, key)); // a double click
        }
    }
}
