namespace CardanoRwa.Tests.Delivery;

/// <summary>What is handed to Kubernetes and to GitHub, held against their schemas; neither is needed.</summary>
public sealed class ManifestFilesTests
{
    private const string Kubectl = "see https://kubernetes.io/docs/tasks/tools (kubectl 1.27 or later)";
    private const string Node = "apt-get install -y nodejs npm";
    private static readonly Lazy<Task<string>> Installed = new(() => NodeOracle.InstallAsync(Path.Combine("Delivery", "manifests"), "manifest-check"));
    private static readonly string Kubernetes = Path.Combine(RepositoryRoot.Path, "k8s");

    [Fact]
    public async Task Overlays_build_fit_the_schemas_and_refer_to_what_is_there()
    {
        var folder = Directory.CreateTempSubdirectory("rwa-manifests-");
        var files = new List<string> { Path.Combine(Kubernetes, "argocd", "application.yaml"), Path.Combine(Kubernetes, "velero-restore.yaml") };
        foreach (var overlay in Directory.GetDirectories(Path.Combine(Kubernetes, "overlays")))
        {
            var file = Path.Combine(folder.FullName, $"{Path.GetFileName(overlay)}.yaml");
            var (built, said) = await Tool.RunAsync("kubectl", Kubectl, Kubernetes, "kustomize", overlay, "--output", file);
            Assert.True(built == 0, said);
            files.Add(file);
        }

        var (exitCode, output) = await Tool.RunAsync("node", Node, await Installed.Value, ["check.mjs", .. files]);
        var (spoiltExitCode, faults) = await SpoiltAsync(files[^1]);
        folder.Delete(recursive: true);

        Assert.Equal(4, files.Count);
        Assert.True(exitCode == 0, output);
        Assert.Equal(1, spoiltExitCode);
        Assert.All(["no field 'readynessProbe'", "maxReplicas must be integer", "no Secret 'cache'", "not restricted"], fault => Assert.Contains(fault, faults, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Workflows_pass_the_linter_and_pin_every_action_by_full_version()
    {
        var folder = Path.Combine(RepositoryRoot.Path, ".github", "workflows");
        var files = Directory.GetFiles(folder, "*.yml");

        var (exitCode, output) = await Tool.RunAsync("node", Node, await Installed.Value, ["workflows.mjs", .. files]);

        Assert.True(exitCode == 0, output);
        Assert.Superset(new HashSet<string> { "ci.yml", "backups.yml", "performance.yml", "dr-drill.yml", "images.yml" }, files.Select(f => Path.GetFileName(f)).ToHashSet());
    }

    private static async Task<(int ExitCode, string Output)> SpoiltAsync(string file)
    {
        var text = (await File.ReadAllTextAsync(file)).Replace("readinessProbe:", "readynessProbe:", StringComparison.Ordinal)
            .Replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", StringComparison.Ordinal);
        text = System.Text.RegularExpressions.Regex.Replace(text, @"maxReplicas: \d+", "maxReplicas: many");
        text = text.Replace("  target:\n    name: cache\n", "  target:\n    name: nowhere\n", StringComparison.Ordinal);
        var spoilt = file + ".spoilt.yaml";
        await File.WriteAllTextAsync(spoilt, text);
        return await Tool.RunAsync("node", Node, await Installed.Value, "check.mjs", spoilt);
    }
}
