using System.Diagnostics;
using Aspire.Hosting;

namespace CardanoRwa.Tests.Embedded;

/// <summary>The expected files are what the real Aspire packages write, so whichever host is compiled in must write the same.</summary>
public sealed class ManifestTests : IDisposable
{
    private const string Secret = "do-not-publish-me";
    private static readonly string AppHostFolder = Projects.CardanoRwa_AppHost.ProjectPath;
    private static readonly string Expected = Path.Combine(AppHostFolder, "..", "CardanoRwa.Tests", "Embedded", "Manifests");

    // As deep below the repository as the expected files, so that relative paths are the same text.
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(
        Path.Combine(AppHostFolder, "..", "artifacts", "manifests", Guid.NewGuid().ToString("N")));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Sample_with_one_of_everything_is_published_as_the_real_host_does()
    {
        var path = await PublishSampleAsync("manifest.json");

        var text = await File.ReadAllTextAsync(path);
        Assert.Empty(ManifestDifference.Between(await File.ReadAllTextAsync(Path.Combine(Expected, "sample.json")), text));
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain("stays-here", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_path_that_is_a_folder_gets_the_default_file_name()
    {
        await PublishSampleAsync("deep/er");

        Assert.True(File.Exists(Path.Combine(_folder.FullName, "out", "deep", "er", "aspire-manifest.json")));
    }

    [Theory]
    [InlineData("--publisher", "manifest")]
    [InlineData("--operation", "publish", "--step", "publish-manifest")]
    public async Task AppHost_is_published_as_the_real_host_does_and_nothing_is_started(params string[] command)
    {
        var path = Path.Combine(_folder.FullName, "apphost.json");
        var data = Path.Combine(_folder.FullName, "data");
        var (exitCode, output) = await RunAppHostAsync([.. command, "--output-path", path], data);

        Assert.True(exitCode == 0, output);
        Assert.Contains(path, output, StringComparison.Ordinal);
        Assert.Equal(["apphost.json"], _folder.EnumerateFileSystemInfos().Select(f => f.Name));
        var difference = ManifestDifference.Between(await File.ReadAllTextAsync(Path.Combine(Expected, "apphost.json")), await File.ReadAllTextAsync(path));
        Assert.True(difference.Count == 0, $"""
            The manifest of AppHost.cs is not CardanoRwa.Tests/Embedded/Manifests/apphost.json. Where that is intended, write it again:
            dotnet run --project CardanoRwa.AppHost -- --publisher manifest --output-path ../CardanoRwa.Tests/Embedded/Manifests/apphost.json
            {string.Join(Environment.NewLine, difference)}
            """);
    }

    private async Task<string> PublishSampleAsync(string outputPath)
    {
        var sources = Path.Combine(_folder.FullName, "Sample.AppHost");
        Write("Sample.AppHost/Sample.AppHost.csproj", "<Project />");
        Write("Sample.Jobs/Sample.Jobs.csproj", "<Project />");
        Write("Sample.Web/Sample.Web.csproj", "<Project />");
        Write("Sample.Web/Properties/launchSettings.json", """
            { "profiles": { "http": { "commandName": "Project", "applicationUrl": "http://localhost:5123", "environmentVariables": { "FROM_PROFILE": "1" } } } }
            """);
        Write("Sample.Site/build/Dockerfile", "FROM scratch");

        var path = Path.Combine(_folder.FullName, "out", outputPath);
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            ProjectDirectory = sources,
            AssemblyName = typeof(ManifestTests).Assembly.GetName().Name,
            Args =
            [
                "--publisher", "manifest", "--output-path", path, $"--Parameters:api-key={Secret}", $"--Parameters:generated={Secret}",
                $"--Sample:Configured={Secret}", $"--ConnectionStrings:legacy=Password={Secret}",
            ],
        });
        ManifestSample.Build(builder);
        await using var application = builder.Build();
        await application.RunAsync();
        return path;
    }

    private void Write(string name, string content)
    {
        var file = new FileInfo(Path.Combine(_folder.FullName, name));
        file.Directory!.Create();
        File.WriteAllText(file.FullName, content);
    }

    private static async Task<(int ExitCode, string Output)> RunAppHostAsync(string[] args, string dataFolder)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CardanoRwa.AppHost.dll"), .. args])
        {
            WorkingDirectory = AppHostFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["RWA_DATA_DIR"] = dataFolder },
        };
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output));
    }
}
