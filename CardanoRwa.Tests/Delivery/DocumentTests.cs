using System.Text.RegularExpressions;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Delivery;

/// <summary>What a newcomer reads and clicks: nothing is left out, and no link leads nowhere.</summary>
[Collection(GraphCollection.Name)]
public sealed partial class DocumentTests(GraphFixture graph)
{
    private static readonly string Docs = Path.Combine(RepositoryRoot.Path, "docs");

    [Fact]
    public async Task Every_operation_of_the_api_has_a_request_in_the_http_files_and_none_is_of_another()
    {
        var document = await graph.Api.GetJsonAsync("/openapi/v1.json");
        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {Parameter().Replace(path.Name, "{}").TrimEnd('/')}"))
            .ToHashSet();
        var requests = Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "http"), "*.http")
            .SelectMany(file => Request().Matches(File.ReadAllText(file)))
            .Select(m => $"{m.Groups[1].Value} {Value().Replace(m.Groups[2].Value, "{}")}")
            .ToHashSet();

        Assert.Empty(operations.Except(requests).Where(o => o.Contains("/api/v1/", StringComparison.Ordinal)));
        Assert.Empty(requests.Except(operations));
    }

    [Fact]
    public void Index_of_the_documents_names_each_of_them()
    {
        var index = File.ReadAllText(Path.Combine(Docs, "README.md"));

        Assert.Empty(Directory.GetFiles(Docs, "*.md").Select(Path.GetFileName).Where(name => name != "README.md" && !index.Contains($"({name})", StringComparison.Ordinal)));
    }

    [Fact]
    public void Links_of_the_documents_lead_to_files_that_exist()
    {
        string[] folders = ["docs", "k8s", "terraform", "performance", "CardanoRwa.Cardano", "CardanoRwa.DevNet"];
        var files = Directory.GetFiles(RepositoryRoot.Path, "*.md")
            .Concat(folders.SelectMany(folder => Directory.GetFiles(Path.Combine(RepositoryRoot.Path, folder), "*.md", SearchOption.AllDirectories)));
        var dead = files.SelectMany(file => Link().Matches(File.ReadAllText(file))
            .Select(m => m.Groups[1].Value)
            .Where(link => link.Length > 0 && !link.Contains(':', StringComparison.Ordinal))
            .Select(link => Path.GetFullPath(link, Path.GetDirectoryName(file)!))
            .Where(path => !File.Exists(path) && !Directory.Exists(path))
            .Select(path => $"{Path.GetRelativePath(RepositoryRoot.Path, file)}: {path}"));

        Assert.Empty(dead);
    }

    [GeneratedRegex(@"^([A-Z]+) \{\{api\}\}(/api/v1[^?\s]*)", RegexOptions.Multiline)]
    private static partial Regex Request();

    [GeneratedRegex(@"\{\{[^}]+\}\}|[0-9a-f-]{36}")]
    private static partial Regex Value();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\]\(([^)#\s]*)[^)]*\)")]
    private static partial Regex Link();
}
