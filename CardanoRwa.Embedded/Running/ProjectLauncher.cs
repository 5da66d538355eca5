using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Running;

/// <summary>
/// Runs the assembly that the AppHost's own build made, or with <c>RWA_PUBLISHED=FOLDER</c> the one in FOLDER/PROJECT, published as images are;
/// <c>dotnet run</c> only where the AppHost does not reference the project.
/// </summary>
internal sealed class ProjectLauncher(ProjectResource project, DistributedApplicationExecutionContext context, ILogger logger) : Launcher
{
    public override async Task<ProcessSpec> PrepareAsync(Replica replica, CancellationToken cancellationToken)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(project).WithArgumentsConfig().WithEnvironmentVariablesConfig()
            .BuildAsync(context, logger, cancellationToken);
        var metadata = project.GetProjectMetadata();

        string[] command = metadata is IBuiltProjectMetadata built
            ? ["exec", Existing(Published(built.AssemblyPath))]
            : ["run", "--no-launch-profile", "--project", metadata.ProjectPath, "--"];
        var profileArguments = LaunchProfiles.Effective(project)?.Profile.CommandLineArgs is { Length: > 0 } line ? CommandLine.Split(line) : [];
        var arguments = configuration.Arguments.Select(a => replica.Fill(a.Value));

        return new ProcessSpec(ExecutableSearch.Dotnet, [.. command, .. profileArguments, .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(metadata.ProjectPath)!,
            Environment = configuration.EnvironmentVariables.ToDictionary(v => v.Key, v => replica.Fill(v.Value)),
        };
    }

    private static string Published(string assembly) => Environment.GetEnvironmentVariable("RWA_PUBLISHED") is { Length: > 0 } folder
        ? Path.Combine(folder, Path.GetFileNameWithoutExtension(assembly), Path.GetFileName(assembly))
        : assembly;

    private string Existing(string assembly) => File.Exists(assembly)
        ? assembly
        : throw new DistributedApplicationException($"'{project.Name}' is not built: {assembly} does not exist. Build the AppHost: dotnet build CardanoRwa.AppHost");
}

internal sealed class ExecutableLauncher(ExecutableResource executable, DistributedApplicationExecutionContext context, ILogger logger) : Launcher
{
    public override async Task<ProcessSpec> PrepareAsync(Replica replica, CancellationToken cancellationToken)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(executable).WithArgumentsConfig().WithEnvironmentVariablesConfig()
            .BuildAsync(context, logger, cancellationToken);
        return new ProcessSpec(executable.Command, [.. configuration.Arguments.Select(a => replica.Fill(a.Value))])
        {
            WorkingDirectory = executable.WorkingDirectory,
            Environment = configuration.EnvironmentVariables.ToDictionary(v => v.Key, v => replica.Fill(v.Value)),
        };
    }
}

internal static class CommandLine
{
    /// <summary>Splits at blanks outside double quotes, as launchSettings.json writes arguments.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        var parts = new List<string>();
        var part = new System.Text.StringBuilder();
        var (quoted, any) = (false, false);
        foreach (var c in line)
        {
            if (c == '"')
                (quoted, any) = (!quoted, true);
            else if (char.IsWhiteSpace(c) && !quoted)
                Take();
            else
                part.Append(c);
        }

        Take();
        return parts;

        void Take()
        {
            if (part.Length > 0 || any)
                parts.Add(part.ToString());
            part.Clear();
            any = false;
        }
    }
}
