using System.Globalization;
using System.Runtime.CompilerServices;

namespace CardanoRwa.Tests;

/// <summary>
/// Where tests put what they throw away. They make and delete hundreds of database clusters, of a thousand files each; a file system on a disk spends
/// a third of the suite's processor time on that. Nothing here depends on a disk: what is killed are processes, and their files outlive them in memory too.
/// </summary>
internal static class TemporaryFiles
{
    private const string InMemory = "/dev/shm";
    private const long Needed = 10L << 30;

#pragma warning disable CA2255 // Before any test asks for a folder, and before any process inherits the variable.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Choose()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("TMPDIR") is null or "" && Directory.Exists(InMemory)
            && new DriveInfo(InMemory).AvailableFreeSpace > Needed && AvailableMemory() > Needed + (6L << 30))
        {
            Environment.SetEnvironmentVariable("TMPDIR", InMemory);
        }
    }

    private static long AvailableMemory()
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
