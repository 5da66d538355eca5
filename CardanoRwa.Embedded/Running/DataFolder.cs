using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Embedded.Running;

/// <summary>
/// The one folder in which an AppHost keeps what outlives a run: databases, generated secrets, the record of its processes.
/// <c>RWA_DATA_DIR</c> names it; otherwise it is made in the user's data folder from the AppHost's name and place.
/// </summary>
internal static class DataFolder
{
    public const string Setting = "RWA_DATA_DIR";
    private const string Product = "cardano-rwa";

    public static string For(IConfiguration configuration)
    {
        if ((configuration["Embedded:DataFolder"] ?? configuration[Setting]) is { Length: > 0 } given)
            return Path.GetFullPath(given);

        var name = Path.GetFileName(configuration["AppHost:Path"]!).Replace(".csproj", "", StringComparison.OrdinalIgnoreCase);
        return Path.Combine(Root(Environment.SpecialFolder.LocalApplicationData, "/var/lib"), $"{name}-{configuration["AppHost:Sha256"]![..10].ToLowerInvariant()}");
    }

    /// <summary>Where downloads and templates are kept, shared by every AppHost of the user.</summary>
    public static string Cache(IConfiguration configuration)
    {
        if (configuration["RWA_CACHE_DIR"] is { Length: > 0 } given)
            return Path.GetFullPath(given);
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() || Environment.IsPrivilegedProcess)
            return Path.Combine(Root(Environment.SpecialFolder.LocalApplicationData, "/var/cache"), "cache");

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(configuration["XDG_CACHE_HOME"] is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".cache"), Product);
    }

    // Postgres does not run as root, and the user it runs as cannot enter /root.
    private static string Root(Environment.SpecialFolder folder, string whenRoot) => Path.Combine(
        !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess
            ? whenRoot
            : Environment.GetFolderPath(folder, Environment.SpecialFolderOption.Create),
        Product);
}
