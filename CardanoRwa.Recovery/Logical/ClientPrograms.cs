using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CardanoRwa.Recovery.Logical;

/// <summary>pg_dump and pg_restore of one installation; it need not have a server.</summary>
public sealed partial record ClientPrograms(string Folder, int Major)
{
    public string Dump => Program(Folder, "pg_dump");
    public string Restore => Program(Folder, "pg_restore");

    /// <summary>
    /// Of the version asked for, or the nearest newer one: an older pg_dump refuses the server, and a much newer one writes what an older server
    /// does not understand.
    /// </summary>
    /// <param name="folder">Where to look; the usual places where null.</param>
    /// <param name="major">The version that is wanted at least.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<ClientPrograms>> FindAsync(string? folder, int major, CancellationToken cancellationToken)
    {
        var found = new List<ClientPrograms>();
        foreach (var place in folder is null ? Usual() : [folder, Path.Combine(folder, "bin")])
        {
            if (File.Exists(Program(place, "pg_dump")) && File.Exists(Program(place, "pg_restore")))
            {
                found.Add(new ClientPrograms(place, await MajorAsync(Program(place, "pg_dump"), cancellationToken)));
            }
        }
        return found.Where(f => f.Major >= major).MinBy(f => f.Major) ?? (Outcome<ClientPrograms>)new RecoveryRefusal("logical.no-client",
            found.Count == 0
                ? $"There is no pg_dump and pg_restore{(folder is null ? " on this machine" : $" in {folder}")}."
                : $"pg_dump found is of version {string.Join(", ", found.Select(f => f.Major).Distinct())}, and {major} or newer is needed.",
            string.Create(CultureInfo.InvariantCulture, $"Install it (apt-get install -y postgresql-client-{major}), or point Recovery:PostgresFolder at it."));
    }

    private static IEnumerable<string> Usual() =>
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), .. Places("/usr/lib/postgresql", "*", "bin"), .. Places("/usr", "pgsql-*", "bin"),
        .. Places("/opt/homebrew/opt", "postgresql@*", "bin"), .. Places("/opt/homebrew/opt", "libpq*", "bin"),
    ];

    private static IEnumerable<string> Places(string root, string pattern, string inner) =>
        Directory.Exists(root) ? Directory.GetDirectories(root, pattern).Order().Select(d => Path.Combine(d, inner)) : [];

    private static string Program(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name);

    private static async Task<int> MajorAsync(string program, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return Number().Match(text) is { Success: true } match ? int.Parse(match.Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
