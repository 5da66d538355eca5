using System.Diagnostics;
using System.Text.Json;
using CardanoRwa.Recovery.Keys;
using Xunit.Abstractions;

namespace CardanoRwa.Tests.Recovery;

/// <summary>The worker's binary as an operator runs it. RECOVERY_CAMPAIGN sets how often a backup is killed.</summary>
public sealed class VerbTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("RECOVERY_CAMPAIGN"), out var kills) ? kills : 4;
    private readonly string _folder = ThrowAwayCluster.NewFolder();
    private ThrowAwayCluster _source = null!;

    public async Task InitializeAsync()
    {
        _source = await ThrowAwayCluster.CreateAsync(15);
        await _source.RunAsync("CREATE TABLE t AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 200000) i");
    }

    public async Task DisposeAsync()
    {
        await _source.DisposeAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public async Task Development_machine_backs_up_and_restores_with_nothing_configured()
    {
        string[] development = ["ASPNETCORE_ENVIRONMENT=Development", $"Recovery__DataFolder={_folder}/recovery", $"ConnectionStrings__rwadb={_source.ConnectionString}"];

        var (code, made, _) = await WorkerVerb.RunAsync(development, "backup", "now", "--json");
        Assert.Equal(0, code);
        var id = JsonDocument.Parse(made).RootElement.GetProperty("id").GetString()!;
        // From here on the database is down.
        await _source.StopAsync();

        Assert.Contains(id, (await WorkerVerb.RunAsync(development, "backup", "list", "--json")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await WorkerVerb.RunAsync(development, "backup", "verify", id)).Code);
        Assert.Equal(0, (await WorkerVerb.RunAsync(development, "backup", "show", id)).Code);
        Assert.Equal(0, (await WorkerVerb.RunAsync(development, "keys", "check")).Code);
        Assert.StartsWith("backup.last-good", (await WorkerVerb.RunAsync(development, "backup", "delete", id)).Error, StringComparison.Ordinal);
        var (restored, _, error) = await WorkerVerb.RunAsync(development, "restore", "--target", $"{_folder}/data", "--to", "backup", "--start", _source.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(restored == 0, error);
        try
        {
            Assert.Equal(200000L, await _source.AskAsync<long>("SELECT count(*) FROM t"));
        }
        finally
        {
            await using var cluster = await ThrowAwayCluster.OnAsync(15, $"{_folder}/data");
            await cluster.StopByControlAsync();
        }
    }

    [Fact]
    public async Task Production_without_keys_or_stores_is_refused_with_the_way_out()
    {
        string[] bare = ["ASPNETCORE_ENVIRONMENT=Production"];
        Assert.StartsWith("store.none", (await WorkerVerb.RunAsync(bare, "backup", "list")).Error, StringComparison.Ordinal);
        var (code, _, error) = await WorkerVerb.RunAsync([.. bare, .. Store], "backup", "now");
        Assert.Equal(1, code);
        Assert.StartsWith("key.none", error, StringComparison.Ordinal);
        Assert.Contains("keys new", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_in_production_does_not_start_with_one_store()
    {
        string[] settings = ["ASPNETCORE_ENVIRONMENT=Production", .. Store, "ASPNETCORE_URLS=http://127.0.0.1:0", $"ConnectionStrings__rwadb={_source.ConnectionString}", "ConnectionStrings__cache=127.0.0.1:1,abortConnect=false"];
        var (code, output, _) = await WorkerVerb.RunAsync(settings).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(78, code);
        Assert.Contains("LeastStores", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_killed_at_any_moment_leaves_nothing_that_is_listed_and_does_not_restore()
    {
        using var identity = Identity.New();
        await identity.SaveAsync($"{_folder}/identity", default);
        string[] settings = ["ASPNETCORE_ENVIRONMENT=Production", .. Store, $"Recovery__IdentityFile={_folder}/identity", $"Recovery__Source={_source.ConnectionString}"];
        var began = Stopwatch.GetTimestamp();
        Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "backup", "now")).Code);
        var whole = Stopwatch.GetElapsedTime(began);
        var random = new Random(20261123);

        for (var i = 0; i < Kills; i++)
        {
            await _source.RunAsync($"UPDATE t SET body = md5('{i}' || body) WHERE id % 50 = {i % 50}");
            using var process = i % 2 == 0 ? WorkerVerb.Start(settings, "backup", "now") : WorkerVerb.Start(settings, "backup", "now", "--incremental");
            await Task.Delay(whole * (0.2 + (1.6 * random.NextDouble())));
            process.Kill();
            await process.WaitForExitAsync();
        }

        var listed = JsonDocument.Parse((await WorkerVerb.RunAsync(settings, "backup", "list", "--json")).Output).RootElement;
        Assert.Equal(0, listed.GetProperty("faults").GetArrayLength());
        var ids = listed.GetProperty("backups").EnumerateArray().Select(b => b.GetProperty("id").GetString()!).ToList();
        foreach (var id in ids)
        {
            Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "backup", "verify", id)).Code);
        }
        // Every tenth, the newest among them, is restored and its rows are counted.
        foreach (var id in ids.AsEnumerable().Reverse().Where((_, i) => i % 10 == 0))
        {
            await RestoreAsync(settings, id);
        }
        output.WriteLine($"{Kills} kills; {ids.Count} backups listed, all verified.");
        Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "backup", "now")).Code);
        Assert.Equal(0, (await WorkerVerb.RunAsync(settings, "backup", "tidy", "--older-than-hours", "0")).Code);
        var manifests = Directory.GetFiles($"{_folder}/store", "manifest.json", SearchOption.AllDirectories).Length;
        Assert.Equal(manifests, Directory.GetDirectories($"{_folder}/store", "data", SearchOption.AllDirectories).Count(d => Directory.EnumerateFiles(d).Any()));
    }

    private static async Task RestoreAsync(string[] settings, string id)
    {
        var data = Path.Combine(ThrowAwayCluster.NewFolder(), "data");
        var (code, _, error) = await WorkerVerb.RunAsync(settings, "restore", "--target", data, "--to", "backup", "--backup", id);
        Assert.True(code == 0, error);
        await using var cluster = await ThrowAwayCluster.OnAsync(15, data);
        await cluster.StartAsync();
        Assert.Equal(200000L, await cluster.AskAsync<long>("SELECT count(*) FROM t"));
        Assert.Equal("off", await cluster.AskAsync<string>("SHOW archive_mode"));
    }

    private string[] Store => ["Recovery__Stores__main__Kind=folder", $"Recovery__Stores__main__Path={_folder}/store", "Recovery__Stores__main__Create=true"];
}
