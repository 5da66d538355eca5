using System.Globalization;
using System.Runtime.InteropServices;
using CardanoRwa.Recovery.Restore;
using Npgsql;

namespace CardanoRwa.Recovery.Failover;

/// <summary>A server on this machine, by its data directory: what a drill needs to kill one for real, and to keep it from coming back.</summary>
internal sealed partial class LocalServer(string dataDirectory, int postmaster)
{
    private const int Kill = 9;
    private static readonly TimeSpan MayTake = TimeSpan.FromSeconds(10);

    public string DataDirectory => dataDirectory;

    /// <summary>Asks a running server where it lies; refused where that is not here.</summary>
    public static async Task<Outcome<LocalServer>> FindAsync(PairServer server, CancellationToken cancellationToken)
    {
        await using var connection = await server.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT current_setting('data_directory'), pg_read_file('postmaster.pid')", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (directory, lines) = (row.GetString(0), row.GetString(1).Split('\n'));
        // The very file that the server reads, seen from here: the same machine, and not merely the same path.
        var here = Path.Combine(directory, "postmaster.pid");
        return File.Exists(here) && (await File.ReadAllTextAsync(here, cancellationToken)).Split('\n') is var seen && seen[0] == lines[0] && seen[2] == lines[2]
            ? new LocalServer(directory, int.Parse(lines[0], CultureInfo.InvariantCulture))
            : new RecoveryRefusal("failover.not-here", $"The primary {server.Name} does not run on this machine.", "Drill where the pair runs; for Kubernetes see docs/runbooks/failover.md.");
    }

    /// <summary>As a power cut would: every process at once, without a word. Returns when none is left.</summary>
    public async Task<bool> KillAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        _ = Signal(postmaster, Kill);
        while (Processes() is { Count: > 0 } left)
        {
            left.ForEach(pid => _ = Signal(pid, Kill));
            if (clock.GetElapsedTime(began) > MayTake)
            {
                return false;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(5), clock, cancellationToken);
        }
        return true;
    }

    /// <summary>Whoever starts a server on these data starts a standby at most, and the embedded host makes them anew.</summary>
    public async Task FenceAsync(string reason, CancellationToken cancellationToken)
    {
        foreach (var (name, text) in new[] { ("rwa.fenced", reason + "\n"), ("standby.signal", "") })
        {
            var path = Path.Combine(dataDirectory, name);
            await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write))
            {
                await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellationToken);
                file.Flush(flushToDisk: true);
            }
            if (Unix.OwnerToKeep(dataDirectory) is { } owner)
            {
                Unix.GiveTo(owner, path);
            }
        }
        DurableFiles.FlushFolder(dataDirectory);
    }

    // The server's own can be looked at by who may kill them.
    private List<int> Processes() => [.. Directory.EnumerateDirectories("/proc")
        .Select(p => int.TryParse(Path.GetFileName(p), CultureInfo.InvariantCulture, out var pid) ? pid : 0).Where(pid => pid > 0 && Unix.WorksIn(pid, dataDirectory))];

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int pid, int signal);
}
