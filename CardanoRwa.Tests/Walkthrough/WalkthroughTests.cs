using System.Diagnostics;
using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Walkthrough;

/// <summary>docs/walkthrough.md does what it says, command by command.</summary>
[Collection(GraphCollection.Name)]
public sealed partial class WalkthroughTests(GraphFixture graph)
{
    [Fact]
    public async Task Every_block_of_the_document_runs_without_an_error()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "walkthrough.md"));
        var blocks = Block().Matches(document).Select(m => m.Groups[1].Value).ToList();
        Assert.True(blocks.Count >= 8, $"Only {blocks.Count} blocks.");
        var script = Path.GetTempFileName();
        await File.WriteAllTextAsync(script, string.Join("\n", blocks));
        var start = new ProcessStartInfo("bash", [script]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = RepositoryRoot.Path };
        start.Environment["RWA_URL"] = graph.Api.BaseAddress!.ToString().TrimEnd('/');
        start.Environment["RWA_CHAIN"] = new Uri(graph.App.GetEndpoint("devnet", "http"), "/api/v0").ToString();
        start.Environment["RWA_WORKER"] = $"dotnet exec {Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Worker.dll")}";
        using var bash = Process.Start(start)!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        File.Delete(script);
        Assert.True(bash.ExitCode == 0, $"Exit code {bash.ExitCode}\n{await output}\n{await errors}");
    }

    [GeneratedRegex("^```bash\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
