using System.Globalization;

namespace CardanoRwa.Tests.Embedded;

/// <summary>What runs on this machine, from /proc; the embedded host's tests of processes are for Linux.</summary>
internal static class Processes
{
    public static IReadOnlyList<int> WithArgument(string part) => [.. Running().Where(p => p.Arguments.Any(a => a.Contains(part, StringComparison.Ordinal))).Select(p => p.Id)];

    public static bool IsRunning(int pid) => Running().Any(p => p.Id == pid);

    public static IReadOnlyList<int> ChildrenOf(int pid) => [.. Running().Where(p => p.Parent == pid).Select(p => p.Id)];

    private static IEnumerable<(int Id, int Parent, string[] Arguments)> Running()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id))
                continue;

            string stat, line;
            try
            {
                (stat, line) = (File.ReadAllText(Path.Combine(folder, "stat")), File.ReadAllText(Path.Combine(folder, "cmdline")));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            // "12 (name) S 1 ...": state and parent follow the name, the number of threads is the eighteenth. A zombie has ended, unless other threads of it
            // are still on their way out: until the last is gone, its sockets take connections that nobody will serve.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] is not ("Z" or "X") || int.Parse(fields[17], CultureInfo.InvariantCulture) > 1)
                yield return (id, int.Parse(fields[1], CultureInfo.InvariantCulture), line.Split('\0', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
