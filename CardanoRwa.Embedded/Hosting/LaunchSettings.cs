using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public sealed class LaunchSettings
{
    private static readonly JsonSerializerOptions Format = new() { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    [JsonPropertyName("profiles")]
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];

    internal static LaunchSettings? Read(string projectDirectory)
    {
        var path = Path.Combine(projectDirectory, "Properties", "launchSettings.json");
        if (!File.Exists(path))
            return null;

        try
        {
            return JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(path), Format);
        }
        catch (JsonException e)
        {
            throw new DistributedApplicationException($"{path} is not valid JSON: {e.Message}", e);
        }
    }
}

public sealed class LaunchProfile
{
    [JsonPropertyName("commandName")]
    public string? CommandName { get; set; }

    [JsonPropertyName("commandLineArgs")]
    public string? CommandLineArgs { get; set; }

    [JsonPropertyName("launchBrowser")]
    public bool? LaunchBrowser { get; set; }

    [JsonPropertyName("launchUrl")]
    public string? LaunchUrl { get; set; }

    [JsonPropertyName("applicationUrl")]
    public string? ApplicationUrl { get; set; }

    [JsonPropertyName("environmentVariables")]
    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
}

internal static class LaunchProfiles
{
    /// <summary>The profile named by the resource; else the AppHost's own, if the project has it; else the project's first.</summary>
    public static (string Name, LaunchProfile Profile)? Effective(ProjectResource project)
    {
        if (project.HasAnnotationOfType<ExcludeLaunchProfileAnnotation>())
            return null;

        var metadata = project.GetProjectMetadata();
        if (metadata.LaunchSettings is null && !File.Exists(metadata.ProjectPath))
            throw new DistributedApplicationException($"Project file '{metadata.ProjectPath}' of resource '{project.Name}' was not found.");

        var profiles = (metadata.LaunchSettings ?? LaunchSettings.Read(Path.GetDirectoryName(metadata.ProjectPath)!))?.Profiles ?? [];
        if (project.TryGetLastAnnotation<LaunchProfileAnnotation>(out var named))
        {
            return profiles.TryGetValue(named.LaunchProfileName, out var wanted)
                ? (named.LaunchProfileName, wanted)
                : throw new DistributedApplicationException($"launchSettings.json of resource '{project.Name}' has no profile '{named.LaunchProfileName}'.");
        }

        if (project.TryGetLastAnnotation<DefaultLaunchProfileAnnotation>(out var common) && profiles.TryGetValue(common.LaunchProfileName, out var shared))
            return (common.LaunchProfileName, shared);

        var first = profiles.FirstOrDefault(p => string.IsNullOrEmpty(p.Value.CommandName) || p.Value.CommandName is "Project" or "Executable");
        return first.Value is null ? null : (first.Key, first.Value);
    }
}
