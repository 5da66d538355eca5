using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CardanoRwa.Recovery.Restore;

/// <summary>An installation of Postgres that can run what was restored.</summary>
public sealed partial record PostgresPrograms(string Folder, int Major)
{
    public string Program(string name) => Path.Combine(Folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name);

    /// <summary>The folder given, or else the usual places for the version that is wanted.</summary>
    public static async Task<Outcome<PostgresPrograms>> FindAsync(string? folder, int? major, CancellationToken cancellationToken)
    {
        string[] usual = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), .. Places("/usr/lib/postgresql", "*", "bin"), .. Places("/usr", "pgsql-*", "bin"), .. Places("/opt/homebrew/opt", "postgresql@*", "bin")];
        var found = new List<PostgresPrograms>();
        foreach (var place in folder is null ? usual : [folder, Path.Combine(folder, "bin")])
        {
            var programs = new PostgresPrograms(place, 0);
            if (File.Exists(programs.Program("postgres")) && File.Exists(programs.Program("pg_ctl")))
            {
                found.Add(programs with { Major = await MajorAsync(programs.Program("postgres"), cancellationToken) });
            }
        }
        return found.Find(f => major is null || f.Major == major) ?? (Outcome<PostgresPrograms>)(found.Count > 0
            ? new RecoveryRefusal("restore.version", $"The programs found are of PostgreSQL {string.Join(", ", found.Select(f => f.Major).Distinct())}, and {major} is needed.", $"Install PostgreSQL {major}, or point --postgres at its programs.")
            : new RecoveryRefusal("restore.no-postgres", $"There are no programs of PostgreSQL{(folder is null ? " on this machine" : $" in {folder}")}.", $"Install PostgreSQL {major}, or point --postgres at its programs."));
    }

    private static async Task<int> MajorAsync(string postgres, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(postgres, ["--version"]) { RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return Version().Match(text) is { Success: true } match ? int.Parse(match.Value, CultureInfo.InvariantCulture) : 0;
    }

    private static IEnumerable<string> Places(string root, string pattern, string inner) =>
        Directory.Exists(root) ? Directory.GetDirectories(root, pattern).OrderDescending().Select(d => Path.Combine(d, inner)) : [];

    [GeneratedRegex(@"\d+")]
    private static partial Regex Version();
}
