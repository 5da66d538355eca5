using System.Text.Json;
using CardanoRwa.LoadTest;
using CardanoRwa.Tests.Delivery;

namespace CardanoRwa.Tests.LoadTest;

/// <summary>The files of performance that another program reads: k6, which is not installed here, and whoever trusts a schema.</summary>
public sealed class PerformanceFilesTests
{
    private const string Node = "apt-get install -y nodejs npm";
    private static readonly Lazy<Task<string>> Installed = new(() => NodeOracle.InstallAsync(Path.Combine("LoadTest", "k6"), "performance-check"));
    private static readonly string Scripts = Path.Combine(RepositoryRoot.Path, "tests", "performance");

    [Fact]
    public async Task Script_of_k6_fits_its_types()
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Scripts, "performance-regression.k6.js"));
        var (code, said) = await CheckAsync("good", script);
        Assert.True(code == 0, said);
        (code, said) = await CheckAsync("bad", script.Replace("errorRate.add(", "errorRate.increase(", StringComparison.Ordinal));
        Assert.NotEqual(0, code);
        Assert.Contains("increase", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scenario_baselines_contests_and_recorded_results_fit_their_schemas_and_the_runner_reads_them()
    {
        var performance = Path.Combine(RepositoryRoot.Path, "performance");
        var contest = Path.Combine(performance, "contest.schema.json");
        List<string> pairs =
        [
            Path.Combine(Scripts, "scenario.schema.json"), Path.Combine(Scripts, "scenario.json"), Path.Combine(performance, "baselines.schema.json"), Path.Combine(performance, "baselines.json"),
            contest, Path.Combine(performance, "gate.json"), contest, Path.Combine(performance, "costs.json"), contest, Path.Combine(performance, "peers", "peers.json"),
        ];
        var results = Directory.GetFiles(Path.Combine(performance, "results"), "*.json");
        pairs.AddRange(results.SelectMany(r => new[] { Path.Combine(performance, "results.schema.json"), r }));
        var (code, said) = await Tool.RunAsync("node", Node, await Installed.Value, ["schemas.mjs", .. pairs]);
        Assert.True(code == 0, said);
        foreach (var load in results.Select(File.ReadAllText).Where(r => r.Contains("\"profile\"", StringComparison.Ordinal)))
        {
            Assert.NotEmpty(JsonSerializer.Deserialize(load, LoadJson.Default.Report)!.Requests);
        }

        var scenario = await Scenario.ReadAsync(Path.Combine(Scripts, "scenario.json"), default);
        Assert.Equal((50, 300, 1.0), (scenario.Profiles["guide"].Users, scenario.Profiles["guide"].Seconds, scenario.Profiles["guide"].ThinkSeconds));
        Assert.Equal(["list", "create"], scenario.Profiles["guide"].Mix);
        Assert.Equal((100, 1000.0), (scenario.Profiles["peak"].Users, scenario.Profiles["peak"].RatePerSecond));
    }

    private static async Task<(int Code, string Said)> CheckAsync(string name, string script)
    {
        var folder = await Installed.Value;
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.js"), script);
        return await Tool.RunAsync(
            "node", Node, folder, Path.Combine("node_modules", "typescript", "bin", "tsc"), "--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "--types", "k6", $"{name}.js");
    }
}
