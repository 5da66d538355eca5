using System.Globalization;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Postgres;

/// <summary>
/// Processes of an earlier Postgres on the same data: the postmaster of a run that was killed whole, or the backends of a postmaster
/// that was killed alone. Either would keep a new one from starting.
/// </summary>
internal static class PostgresLeftovers
{
    public static async Task EndAsync(string dataFolder, CancellationToken cancellationToken)
    {
        // Fast shutdown first: a whole postmaster can still write its checkpoint, a lone backend just goes.
        var signal = Unix.SigInt;
        for (var i = 0; i < 40 && Find(dataFolder) is { Count: > 0 } left; i++)
        {
            if (i % 10 == 0)
            {
                foreach (var pid in left)
                    Reaper.End(pid, signal);
                signal = i == 0 ? Unix.SigQuit : Unix.SigKill;
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    private static List<int> Find(string dataFolder) =>
        [.. (OperatingSystem.IsLinux() ? InFolder(dataFolder) : []).Union(FromPidFile(dataFolder))];

    // Every process of Postgres has the data folder for its working directory.
    private static List<int> InFolder(string dataFolder)
    {
        var real = Path.TrimEndingDirectorySeparator(dataFolder);
        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                if (File.ResolveLinkTarget($"/proc/{pid}/cwd", returnFinalTarget: false)?.FullName == real)
                    found.Add(pid);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile, or another user's: not ours.
            }
        }

        return found;
    }

    private static List<int> FromPidFile(string dataFolder)
    {
        var file = Path.Combine(dataFolder, "postmaster.pid");
        if (!File.Exists(file) || !int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var pid))
            return [];
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) ? [pid] : [];
        }
        catch (ArgumentException)
        {
            return [];
        }
    }
}
