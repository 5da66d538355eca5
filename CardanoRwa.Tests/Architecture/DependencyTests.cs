using System.Xml.Linq;

namespace CardanoRwa.Tests.Architecture;

/// <summary>Dependencies point one way: Cardano before Ipfs, these and Storage before Core, Storage before Recovery, both before Api and Worker; DevNet on Cardano and Ipfs; nothing on the AppHost but tests.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["CardanoRwa.Cardano"] = [],
        ["CardanoRwa.Ipfs"] = ["CardanoRwa.Cardano"],
        ["CardanoRwa.DevNet"] = ["CardanoRwa.Cardano", "CardanoRwa.Ipfs", "CardanoRwa.ServiceDefaults"],
        ["CardanoRwa.Storage"] = [],
        ["CardanoRwa.Recovery"] = ["CardanoRwa.Storage"],
        ["CardanoRwa.Core"] = ["CardanoRwa.Cardano", "CardanoRwa.Ipfs", "CardanoRwa.Storage"],
        ["CardanoRwa.ServiceDefaults"] = [],
        ["CardanoRwa.Api"] = ["CardanoRwa.Core", "CardanoRwa.Recovery", "CardanoRwa.ServiceDefaults"],
        ["CardanoRwa.Worker"] = ["CardanoRwa.Core", "CardanoRwa.Recovery", "CardanoRwa.ServiceDefaults"],
        ["CardanoRwa.Embedded"] = [],
        ["CardanoRwa.LoadTest"] = [],
        ["CardanoRwa.Benchmarks"] = ["CardanoRwa.Cardano"],
        ["CardanoRwa.AppHost"] = ["CardanoRwa.Api", "CardanoRwa.Worker", "CardanoRwa.DevNet", "CardanoRwa.Embedded"],
    };

    [Fact]
    public void Every_project_references_only_what_it_may()
    {
        foreach (var file in Directory.EnumerateFiles(RepositoryRoot.Path, "CardanoRwa.*.csproj", SearchOption.AllDirectories).Where(f => !f.Contains("artifacts", StringComparison.Ordinal)))
        {
            var project = Path.GetFileNameWithoutExtension(file);
            if (project == "CardanoRwa.Tests")
            {
                continue;
            }
            var references = XDocument.Load(file).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project} has no rule here.");
            Assert.Empty(references.Except(allowed));
        }
    }

    [Fact]
    public void Package_versions_stand_in_one_place()
    {
        foreach (var file in Directory.EnumerateFiles(RepositoryRoot.Path, "CardanoRwa.*.csproj", SearchOption.AllDirectories).Where(f => !f.Contains("artifacts", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain(XDocument.Load(file).Descendants("PackageReference"), r => r.Attribute("Version") is not null);
        }
    }
}
