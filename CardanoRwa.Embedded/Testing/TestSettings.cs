using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

internal static class TestSettings
{
    public static void Apply(
        DistributedApplicationOptions options,
        HostApplicationBuilderSettings settings,
        string[] args,
        Assembly? appHost,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    {
        settings.Configuration ??= new ConfigurationManager();
        settings.Args = options.Args = [.. args];
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        if (appHost is not null)
        {
            settings.ApplicationName = options.AssemblyName = appHost.GetName().Name!;
            settings.ContentRootPath = options.ProjectDirectory;
        }

        var folder = Path.Combine(Path.GetTempPath(), $"cardano-rwa-test-{Guid.NewGuid():N}");
        SetDefaults(settings, new()
        {
            ["DcpPublisher:RandomizePorts"] = "true",
            ["Embedded:DataFolder"] = folder,
            ["Embedded:Temporary"] = "true",
        });
        configure(options, settings);
        if (appHost is not null)
            SetDefaults(settings, FirstProfile(options.ProjectDirectory, settings));
    }

    // Neither "dotnet run" nor an IDE is there to hand over what the AppHost's launch profile says.
    private static Dictionary<string, string?> FirstProfile(string? projectDirectory, HostApplicationBuilderSettings settings)
    {
        var profiles = projectDirectory is null ? null : LaunchSettings.Read(projectDirectory)?.Profiles;
        var name = settings.Configuration!["DOTNET_LAUNCH_PROFILE"] ?? profiles?.Keys.FirstOrDefault();
        if (profiles is null || name is null)
            return [];
        if (!profiles.TryGetValue(name, out var profile))
            throw new InvalidOperationException($"The launch settings of the AppHost have no profile '{name}'.");

        var values = new Dictionary<string, string?> { ["DOTNET_LAUNCH_PROFILE"] = name };
        foreach (var (variable, value) in profile.EnvironmentVariables)
        {
            values[variable] = value;
            foreach (var prefix in new[] { "DOTNET_", "ASPNETCORE_" })
            {
                if (variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                    values.TryAdd(variable[prefix.Length..], value);
            }
        }

        return values;
    }

    private static void SetDefaults(HostApplicationBuilderSettings settings, Dictionary<string, string?> values)
    {
        using var given = new ConfigurationManager();
        given.AddConfiguration(settings.Configuration!).AddCommandLine(settings.Args ?? []);

        // A folder that a test names itself is its own to delete.
        if (given["Embedded:DataFolder"] is not null)
            values.Remove("Embedded:Temporary");

        // A list: configuration reads its sources again later, when these very values would count as given.
        settings.Configuration!.AddInMemoryCollection(values.Where(v => given[v.Key] is null).ToList());
    }
}
