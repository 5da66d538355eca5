using System.Diagnostics;
using System.Text.Json;

namespace CardanoRwa.Tests.Delivery;

/// <summary>What azd is told by the manifest, beyond what the expected file of the other tests holds.</summary>
public sealed class PublishTests
{
    [Fact]
    public async Task Secrets_are_parameters_without_a_default_and_nothing_of_development_is_published()
    {
        var (text, resources) = await PublishAsync();

        foreach (var name in (string[])["webhooks-sealing-key", "chain-project-id", "ipfs-project-id", "wallet-mnemonic", "primary-connection-string", "offsite-connection-string", "evidence-connection-string"])
        {
            var input = resources.GetProperty(name).GetProperty("inputs").GetProperty("value");
            Assert.True(input.GetProperty("secret").GetBoolean(), name);
            Assert.False(input.TryGetProperty("default", out _), name);
        }
        Assert.Equal("{wallet-mnemonic.value}", Environment(resources, "worker", "Minting__Mnemonic"));
        Assert.DoesNotContain("abandon", text, StringComparison.Ordinal);
        Assert.False(resources.TryGetProperty("devnet", out _));
    }

    [Fact]
    public async Task Api_is_told_neither_wallet_nor_chain_nor_backup_stores()
    {
        var (_, resources) = await PublishAsync();

        var names = resources.GetProperty("api").GetProperty("env").EnumerateObject().Select(e => e.Name).ToList();
        Assert.DoesNotContain(names, n => n.StartsWith("Minting__", StringComparison.Ordinal) || n.StartsWith("Chain__", StringComparison.Ordinal) || n.StartsWith("Recovery__Recipients", StringComparison.Ordinal));
        Assert.All(names.Where(n => n.StartsWith("Recovery__Stores__", StringComparison.Ordinal)), n => Assert.StartsWith("Recovery__Stores__evidence__", n, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Managed_services_and_S3_are_asked_for_where_they_are_chosen()
    {
        var (_, resources) = await PublishAsync(("Deploy__Database", "external"), ("Deploy__Cache", "external"), ("Deploy__Stores", "s3"));

        Assert.False(resources.TryGetProperty("postgres", out _));
        Assert.Equal("parameter.v0", resources.GetProperty("rwadb").GetProperty("type").GetString());
        Assert.Equal("parameter.v0", resources.GetProperty("cache").GetProperty("type").GetString());
        Assert.Equal("{rwadb.connectionString}", Environment(resources, "api", "ConnectionStrings__rwadb"));
        Assert.Equal("{primary-bucket.value}", Environment(resources, "worker", "Recovery__Stores__primary__Bucket"));
        Assert.Equal("s3", Environment(resources, "api", "Recovery__Stores__evidence__Kind"));
        Assert.True(resources.GetProperty("primary-secret-key").GetProperty("inputs").GetProperty("value").GetProperty("secret").GetBoolean());
    }

    private static string? Environment(JsonElement resources, string resource, string name) => resources.GetProperty(resource).GetProperty("env").GetProperty(name).GetString();

    private static async Task<(string Text, JsonElement Resources)> PublishAsync(params (string Name, string Value)[] environment)
    {
        var folder = Directory.CreateTempSubdirectory("rwa-publish-");
        var path = Path.Combine(folder.FullName, "manifest.json");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CardanoRwa.AppHost.dll"), "--publisher", "manifest", "--output-path", path])
        {
            WorkingDirectory = Projects.CardanoRwa_AppHost.ProjectPath,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["RWA_DATA_DIR"] = Path.Combine(folder.FullName, "data") },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, string.Concat(output));
        var text = await File.ReadAllTextAsync(path);
        folder.Delete(recursive: true);
        return (text, JsonElement.Parse(text).GetProperty("resources"));
    }
}
