using System.Globalization;
using CardanoRwa.Recovery.Restore;
using Npgsql;

namespace CardanoRwa.Recovery.Base;

/// <summary>
/// Finds the server's data directory in this process's own file system. Whoever runs where the server runs, as its user or as root, needs no
/// connection to read the files: that spares the server's processor and one's own. Nothing is to be configured, and nothing is taken on trust.
/// </summary>
internal static class LocalDirectory
{
    /// <summary>
    /// The directory, or null where it cannot be read here for certain: the server's process must run on this kernel, with this process's view of the
    /// file system, in that directory; and the replication slot this backup has just made must lie in it. A standby, a copy, a container or a network's
    /// file system of the same name does not pass. Linux only.
    /// </summary>
    public static async Task<string?> FindAsync(NpgsqlConnection session, string slot, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }
        await using var command = new NpgsqlCommand("SELECT convert_from(pg_read_binary_file('postmaster.pid'), 'UTF8')", session);
        // Its process, then its directory.
        if (((string)(await command.ExecuteScalarAsync(cancellationToken))!).Split('\n') is not [var pid, var directory, ..]
            || !int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var process))
        {
            return null;
        }
        return IsSeenHere(process, directory) && Directory.Exists(Path.Combine(directory, "pg_replslot", slot)) ? directory : null;
    }

    // Null of what may not be looked at.
    private static bool IsSeenHere(int process, string directory) =>
        new FileInfo("/proc/self/ns/mnt").LinkTarget is { } view && new FileInfo($"/proc/{process}/ns/mnt").LinkTarget == view && Unix.WorksIn(process, directory);
}
