using System.Globalization;

namespace CardanoRwa.Embedded.Running;

internal static class PortOwner
{
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Who listens on a port, as "name (process 123)", where the system tells (Linux).</summary>
    public static string? Find(int port)
    {
        if (!OperatingSystem.IsLinux())
            return null;

        try
        {
            // "0: 0100007F:1388 00000000:0000 0A ... inode": local address with the port in hexadecimal, state 0A = listening.
            var suffix = $":{port:X4}";
            var inodes = Tables.Where(File.Exists).SelectMany(File.ReadLines)
                .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(f => f.Length > 9 && f[1].EndsWith(suffix, StringComparison.Ordinal) && f[3] == "0A")
                .Select(f => $"socket:[{f[9]}]").ToHashSet();

            foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out _)))
            {
                if (Holds(process, inodes))
                    return $"{File.ReadAllText(Path.Combine(process, "comm")).Trim()} (process {Path.GetFileName(process)})";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only a hint for the message.
        }

        return null;
    }

    private static bool Holds(string process, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(fd => inodes.Contains(Path.GetFileName(new FileInfo(fd).LinkTarget ?? "")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
