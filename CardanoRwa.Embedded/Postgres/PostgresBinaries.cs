using System.Text.RegularExpressions;
using Aspire.Hosting;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>An installation of Postgres: the folder of its programs and its version.</summary>
internal sealed partial record PostgresBinaries(string Folder, int Major, string Version)
{
    public const int OldestMajor = 15;

    public string Program(string name) => Path.Combine(Folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name);

    /// <summary>Finds the newest installation, or where data exist already the one that can read them.</summary>
    public static async Task<PostgresBinaries?> FindAsync(string? given, int? wantedMajor, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(given))
        {
            return await AtAsync(given, cancellationToken) ?? await AtAsync(Path.Combine(given, "bin"), cancellationToken)
                ?? throw new DistributedApplicationException(
                    $"RWA_POSTGRES_BIN is {given}, and there is no postgres and initdb in it. Point it at the folder of a PostgreSQL {OldestMajor} or newer.");
        }

        var found = new List<PostgresBinaries>();
        foreach (var folder in Candidates().Distinct())
        {
            if (await AtAsync(folder, cancellationToken) is { Major: >= OldestMajor } here)
                found.Add(here);
        }

        return found.OrderByDescending(b => b.Major == wantedMajor).ThenByDescending(b => b.Major).FirstOrDefault();
    }

    public static async Task<PostgresBinaries?> AtAsync(string folder, CancellationToken cancellationToken)
    {
        var binaries = new PostgresBinaries(Path.GetFullPath(folder), 0, "");
        if (!File.Exists(binaries.Program("postgres")) || !File.Exists(binaries.Program("initdb")))
            return null;

        var (code, output) = await Tool.RunAsync(new ProcessSpec(binaries.Program("postgres"), ["--version"]), cancellationToken);
        return code == 0 && VersionText().Match(output) is { Success: true } match
            ? binaries with { Major = int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), Version = match.Value }
            : null;
    }

    private static IEnumerable<string> Candidates()
    {
        if (ExecutableSearch.OnPath("postgres") is { } onPath)
            yield return Path.GetDirectoryName(onPath)!;

        (string Root, string Pattern, string Inner)[] places = OperatingSystem.IsWindows()
            ? [(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*", "bin")]
            : OperatingSystem.IsMacOS()
                ? [("/opt/homebrew/opt", "postgresql@*", "bin"), ("/usr/local/opt", "postgresql@*", "bin"), ("/Applications/Postgres.app/Contents/Versions", "*", "bin")]
                : [("/usr/lib/postgresql", "*", "bin"), ("/usr", "pgsql-*", "bin"), ("/home/linuxbrew/.linuxbrew/opt", "postgresql@*", "bin")];
        foreach (var (root, pattern, inner) in places)
        {
            if (!Directory.Exists(root))
                continue;
            foreach (var folder in Directory.GetDirectories(root, pattern))
                yield return Path.Combine(folder, inner);
        }
    }

    [GeneratedRegex(@"(\d+)(\.\d+|devel|beta\d+|rc\d+)*")]
    private static partial Regex VersionText();
}
