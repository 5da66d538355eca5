namespace CardanoRwa.Embedded.Processes;

internal static class ExecutableSearch
{
    /// <summary>The dotnet this process runs on, whichever way it was started.</summary>
    public static string Dotnet { get; } = Path.GetFullPath(Path.Combine(
        Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>
    /// What to put before a command so that it leads a session and a process group of its own. It becomes the command (no extra process).
    /// macOS has no setsid; there a Ctrl+C reaches the children at the same time as the host.
    /// </summary>
    public static IReadOnlyList<string> OwnSession { get; } = OperatingSystem.IsLinux() && OnPath("setsid") is { } setsid ? [setsid] : [];

    public static string? OnPath(string name)
    {
        var extensions = OperatingSystem.IsWindows() ? new[] { ".exe", ".cmd" } : [""];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => extensions.Select(e => Path.Combine(folder, name + e)))
            .FirstOrDefault(File.Exists);
    }
}
