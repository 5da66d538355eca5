using System.Globalization;
using Aspire.Hosting;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Running;

/// <summary>The data folder while an AppHost runs on it: held by one host at a time, with a list of the processes it started.</summary>
internal sealed class RunFolder : IDisposable
{
    private const string ProcessList = "processes";

    private readonly Lock _gate = new();
    private readonly Dictionary<int, DateTime> _processes = [];
    private readonly FileStream _lock;

    private RunFolder(string path, bool isTemporary, FileStream held)
    {
        Path = path;
        IsTemporary = isTemporary;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>True for a test's folder: deleted at the end, so nothing in it needs to survive a power cut.</summary>
    public bool IsTemporary { get; }

    public static RunFolder Open(string path, bool isTemporary)
    {
        Directory.CreateDirectory(path);

        // Others may pass through (Postgres may run as another user), only the owner may look around.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

        var owner = System.IO.Path.Combine(path, "owner");
        try
        {
            var held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            var folder = new RunFolder(path, isTemporary, held);
            folder.EndLeftovers();
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var who = File.Exists(owner) ? $" (process {File.ReadAllText(owner)})" : "";
            throw new DistributedApplicationException(
                e is UnauthorizedAccessException
                    ? $"The data folder {path} belongs to another user. Set {DataFolder.Setting} to a folder of your own."
                    : $"Another AppHost{who} is running on the data folder {path}. Stop that one, or give this one its own folder with {DataFolder.Setting}=...",
                e);
        }
    }

    /// <summary>Deletes all data; generated secrets stay, so that what was written down elsewhere still fits.</summary>
    public void Reset()
    {
        foreach (var directory in Directory.GetDirectories(Path))
            Directory.Delete(directory, recursive: true);
    }

    public void Started(ChildProcess child) => Record(() => _processes[child.Id] = child.StartTime);

    public void Ended(int pid) => Record(() => _processes.Remove(pid));

    public void Dispose()
    {
        _lock.Dispose();
        if (IsTemporary && Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    // Only after the host and its reaper were both killed is anything left to do here.
    private void EndLeftovers()
    {
        var list = System.IO.Path.Combine(Path, ProcessList);
        if (!File.Exists(list))
            return;

        var left = File.ReadLines(list).Select(l => l.Split(' ')).Where(f => f.Length == 2)
            .Select(f => (Id: int.Parse(f[0], CultureInfo.InvariantCulture), Started: new DateTime(long.Parse(f[1], CultureInfo.InvariantCulture))))
            .Where(p => IsAlive(p.Id, p.Started)).ToList();
        foreach (var (id, _) in left)
            Reaper.End(id, Unix.SigKill);
        SpinWait.SpinUntil(() => !left.Exists(p => IsAlive(p.Id, p.Started)), TimeSpan.FromSeconds(2));
        File.Delete(list);
    }

    // Each process reckons start times from its own idea of when the system was booted, a few milliseconds apart.
    private static bool IsAlive(int pid, DateTime started) => Reaper.StartTimeOf(pid) is { } now && (now - started).Duration() < TimeSpan.FromSeconds(2);

    private void Record(Action change)
    {
        lock (_gate)
        {
            change();
            if (Directory.Exists(Path))
                File.WriteAllLines(System.IO.Path.Combine(Path, ProcessList), _processes.Select(p => $"{p.Key} {p.Value.Ticks}"));
        }
    }
}
