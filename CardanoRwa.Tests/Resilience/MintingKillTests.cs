using System.Diagnostics;
using CardanoRwa.Embedded;
using CardanoRwa.Tests.Graph;
using CardanoRwa.Tests.Minting;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace CardanoRwa.Tests.Resilience;

/// <summary>What the minting worker stands on dies under it.</summary>
[Collection(KillCollection.Name)]
public sealed class MintingKillTests(GraphFixture graph)
{
    [Fact]
    public async Task Postgres_killed_and_the_cache_wiped_while_minting_lose_and_double_nothing()
    {
        await using var lab = await MintLab.StartAsync(graph);
        var assets = await lab.AddAssetsAsync(10);
        await using var worker = lab.StartWorker();
        var acknowledged = new List<Guid>();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                acknowledged.Add(await PersistAsync(() => lab.MintAsync(assets[i % assets.Count], 1, $"{round}-{i}")));
            }
            await Task.Delay(round * 400);
            Kill(await PersistAsync(PostmasterAsync));
            Kill(graph.App.GetProcessIds("cache").Single());
        }
        await PersistAsync(async () =>
        {
            await lab.UntilOverAsync(TimeSpan.FromSeconds(120), worker);
            return 0;
        });
        await lab.AssertExactAsync(acknowledged);
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
