using System.Text.Json.Nodes;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Status;

/// <summary>The pages in Debian's Chromium: on a phone and at a desk, by day and by night, with JavaScript and without.</summary>
[Collection(GraphCollection.Name)]
public sealed class BrowserTests(GraphFixture graph)
{
    private const string Key = "rwa-dev-key";
    private static readonly NodeOracle Oracle = new("Status", "status-oracle");

    /// <summary>Where pictures are left when somebody wants to look at them.</summary>
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("RWA_PICTURES");

    private static readonly string? Browser = new[] { Environment.GetEnvironmentVariable("RWA_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    [Fact]
    public async Task Pages_are_whole_for_everyone_and_a_drill_can_be_started_and_followed_to_its_end()
    {
        Assert.True(Browser is not null, "There is no Chromium. Install it with: apt-get install -y chromium (or set RWA_CHROMIUM to one)");
        using var declared = await graph.Api.PostAsync("/api/v1/incidents", new
        {
            title = "Mints are slower than usual",
            impact = "minor",
            message = "Cardano's blocks are full. <script>alert(1)</script>\nNothing is lost.",
            components = new[] { "chain" },
        });
        var incident = (await declared.JsonAsync(System.Net.HttpStatusCode.Created)).Text("id");

        var answers = await Oracle.AskAsync(
        [
            Operator("Back up now", script: false), Operator("Start a drill", script: true),
            Look("/status", 390, "light", script: true), Look("/status", 390, "dark", script: false), Look("/status", 1280, "light", script: false), Look("/status", 1280, "dark", script: true),
            Look("/ops", 390, "dark", script: true, signIn: true), Look("/ops", 1280, "light", script: true, signIn: true), Look($"/ops/incidents/{incident}", 390, "light", script: true, signIn: true),
        ]);
        using var resolved = await graph.Api.PostAsync($"/api/v1/incidents/{incident}/resolve", new { });

        foreach (var answer in answers)
        {
            Assert.True(answer["failed"] is null, (string?)answer["failed"]);
            Assert.Equal([], Strings(answer["said"]));
            foreach (var page in answer["pages"]!.AsArray())
            {
                Assert.Equal([], Strings(page!["violations"]));
                Assert.True((int)page["overflow"]! <= 0, $"{page["title"]} is {page["overflow"]} pixels too wide");
            }
        }
        foreach (var operation in answers.Take(2))
        {
            Assert.Equal("/ops/sign-in", (string?)operation["asked"]);
            Assert.Equal("/ops/sign-in", (string?)operation["after"]);
            Assert.Contains("Succeeded", Strings(operation["seen"]));
            Assert.Equal("""[{"httpOnly":true,"sameSite":"Strict"}]""", operation["cookies"]!.ToJsonString());
        }
        Assert.Contains("The drill passed", (string?)answers[1]["text"], StringComparison.Ordinal);
        Assert.Equal(["Platform status", "Open incidents", "Components", "Service level", "Recovery", "Resolved in the last 14 days"], Strings(answers[2]["pages"]![0]!["headings"]));
    }

    private object Operator(string button, bool script) =>
        new { what = "operate", browser = Browser, @base = graph.Api.BaseAddress, width = 1280, scheme = "light", script, key = Key, button, shot = Picture($"job-{(script ? "script" : "plain")}") };

    private object Look(string path, int width, string scheme, bool script, bool signIn = false) =>
        new { what = "look", browser = Browser, @base = graph.Api.BaseAddress, path, width, scheme, script, signIn, key = Key, shot = Picture($"{path.Trim('/').Split('/')[0]}{(path.Count(c => c == '/') > 1 ? "-incident" : "")}-{width}-{scheme}") };

    private static string? Picture(string name) => Pictures is null ? null : Path.Combine(Pictures, $"{name}.png");

    private static IReadOnlyList<string> Strings(JsonNode? list) => [.. list!.AsArray().Select(n => (string)n!)];
}
