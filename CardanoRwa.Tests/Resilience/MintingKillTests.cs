using System.Diagnostics;
using CardanoRwa.Embedded;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Tests.Minting;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Xunit.Abstractions;

namespace CardanoRwa.Tests.Resilience;

/// <summary>What minting workers stand on dies under them. The campaign (performance/crash-matrix.sh) does so for longer, with troubles of the chain beside it.</summary>
[Collection(KillCollection.Name)]
public sealed class MintingKillTests(GraphFixture graph, ITestOutputHelper output)
{
    private static readonly bool Campaign = Environment.GetEnvironmentVariable("RWA_CAMPAIGN") is not null;
    private static readonly int Rounds = Campaign ? 12 : 3;

    public static TheoryData<int> Workers => Campaign ? [1, 2] : [2];

    [Theory]
    [MemberData(nameof(Workers))]
    public async Task Postgres_killed_and_the_cache_wiped_while_minting_lose_and_double_nothing(int workers)
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = await lab.AddAssetsAsync(10);
        using var trouble = new ChainTrouble(lab);
        await using var running = new WorkerProcesses([.. Enumerable.Range(0, workers).Select(_ => lab.StartWorker())]);
        var acknowledged = new List<Guid> { await lab.MintAsync(assets[0], 1, "warm") };
        await lab.UntilOverAsync(TimeSpan.FromMinutes(3), running.All); // nothing dies before they work
        var taken = Stopwatch.StartNew();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                acknowledged.Add(await PersistAsync(() => lab.MintAsync(assets[i % assets.Count], 1, $"{round}-{i}")));
            }
            await trouble.CalmAsync();
            await trouble.StrikeAsync(ChainTrouble.Turn(round));
            await Task.Delay(round % 4 * 400);
            Kill(await PersistAsync(PostmasterAsync));
            Kill(graph.App.GetProcessIds("cache").Single());
        }
        await trouble.CalmAsync();
        await PersistAsync(async () =>
        {
            await lab.UntilOverAsync(TimeSpan.FromMinutes(3), running.All);
            return 0;
        });
        Assert.All(running.All, w => Assert.Equal(0, w.Deaths)); // they outlive what they stand on
        await lab.AssertExactAsync(acknowledged);
        output.WriteLine(await lab.TellAsync($"| {workers} | {Rounds}", taken.Elapsed));
    }

    /// <summary>As a client does: the same request under the same key until it is answered.</summary>
    private static async Task<T> PersistAsync<T>(Func<Task<T>> request)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return await request();
            }
            catch (Exception e) when (e is NpgsqlException or RetryLimitExceededException or InvalidOperationException && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(120))
            {
                await Task.Delay(200);
            }
        }
    }

    private async Task<int> PostmasterAsync()
    {
        var folder = await graph.ScalarAsync<string>("SHOW data_directory");
        return int.Parse((await File.ReadAllLinesAsync(Path.Combine(folder, "postmaster.pid")))[0], null);
    }

    private static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }
}
