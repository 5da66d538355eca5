using System.Text.RegularExpressions;

namespace CardanoRwa.Tests.Delivery;

public sealed class RuleTests
{
    private static readonly string UnitTests = string.Concat(Directory.GetFiles(Path.Combine(Watched.Folder, "tests"), "*.yml").Order(StringComparer.Ordinal).Select(File.ReadAllText));

    [Fact]
    public async Task Rules_and_their_unit_tests_pass_promtool()
    {
        var (checkedRules, said) = await Tool.RunAsync("promtool", Tool.Promtool, Watched.Folder, "check", "rules", "slo-alerts.yml");
        Assert.True(checkedRules == 0, said);

        var files = Directory.GetFiles(Path.Combine(Watched.Folder, "tests"), "*.yml");
        var (tested, output) = await Tool.RunAsync("promtool", Tool.Promtool, Watched.Folder, ["test", "rules", .. files]);
        Assert.True(tested == 0, output);
        Assert.Equal(files.Length, Regex.Count(output, "SUCCESS"));
    }

    [Fact]
    public void Alert_has_a_runbook_that_exists_a_severity_and_tests_of_firing_and_of_silence()
    {
        var found = Watched.Alerts.SelectMany(alert => Faults(alert.Name, alert.Text)).ToList();

        Assert.Empty(found);
        Assert.Superset(new HashSet<string> { "APIAvailabilityBelowSLO", "MintLatencyAboveSLO", "DatabaseLatencyAboveSLO" }, Watched.Alerts.Select(a => a.Name).ToHashSet());
    }

    [Fact]
    public async Task Kubernetes_rule_is_what_is_generated_from_the_only_copy()
    {
        var (exitCode, output) = await Tool.RunAsync("bash", "apt-get install -y bash", Watched.Folder, "generate.sh", "--check");

        Assert.True(exitCode == 0, $"Run k8s/prometheus/generate.sh:{Environment.NewLine}{output}");
    }

    private static IEnumerable<string> Faults(string name, string text)
    {
        var runbook = Regex.Match(text, @"runbook_url: ""\{\{ \$externalLabels\.runbooks \}\}/(docs/runbooks/[\w-]+\.md)""").Groups[1].Value;
        if (runbook.Length == 0 || !File.Exists(Path.Combine(RepositoryRoot.Path, runbook)))
        {
            yield return $"{name}: no runbook '{runbook}'";
        }
        else if (!File.ReadAllText(Path.Combine(RepositoryRoot.Path, runbook)).Contains(name, StringComparison.Ordinal))
        {
            yield return $"{name}: {runbook} does not name it";
        }
        if (!Regex.IsMatch(text, "severity: (page|ticket) "))
        {
            yield return $"{name}: neither page nor ticket";
        }
        if (!Regex.IsMatch(UnitTests, $@"alertname: {name}\n +exp_alerts:\n"))
        {
            yield return $"{name}: never tested to fire";
        }
        if (!Regex.IsMatch(UnitTests, $@"alertname: {name}\n +exp_alerts: \[\]"))
        {
            yield return $"{name}: never tested to stay silent";
        }
    }
}
