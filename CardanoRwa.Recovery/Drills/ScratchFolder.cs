using CardanoRwa.Recovery.Restore;

namespace CardanoRwa.Recovery.Drills;

/// <summary>
/// A folder for one copy. Whoever uses it holds a lock on a file in it, which the system lets go when that process dies, however it dies:
/// what lies there without a holder is stopped and removed by the next drill.
/// </summary>
internal sealed class ScratchFolder : IAsyncDisposable
{
    private const string LockFile = "in-use";
    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private readonly FileStream _lock;

    private ScratchFolder(string path, FileStream held) => (Root, _lock) = (path, held);

    public string Root { get; }
    public string Data => Path.Combine(Root, "data");

    public static ScratchFolder Create(string scratchPath, string name)
    {
        Directory.CreateDirectory(scratchPath);
        Pass(scratchPath);
        var path = Path.Combine(scratchPath, name);
        Directory.CreateDirectory(path);
        Pass(path);
        return new ScratchFolder(path, Lock(path)!);
    }

    /// <summary>Ends and removes what drills left that died.</summary>
    /// <returns>The folders removed.</returns>
    public static async Task<IReadOnlyList<string>> SweepAsync(string scratchPath, PostgresPrograms programs, TimeProvider clock, CancellationToken cancellationToken)
    {
        var removed = new List<string>();
        foreach (var path in Directory.Exists(scratchPath) ? Directory.GetDirectories(scratchPath, "drill-*") : [])
        {
            if (Lock(path) is not { } held)
            {
                continue;
            }
            var folder = new ScratchFolder(path, held);
            if (File.Exists(Path.Combine(folder.Data, "postmaster.pid")))
            {
                await new RestoredServer(programs, folder.Data, clock).AbortAsync(cancellationToken);
            }
            await folder.DisposeAsync();
            removed.Add(path);
        }
        return removed;
    }

    public static long FreeBytes(string path)
    {
        var at = Path.GetFullPath(path);
        while (!Directory.Exists(at))
        {
            at = Path.GetDirectoryName(at)!;
        }
        return new DriveInfo(at).AvailableFreeSpace;
    }

    public long Bytes()
    {
        long sum = 0;
        // Files come and go while the server runs.
        foreach (var file in new DirectoryInfo(Root).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }))
        {
            sum += file.Exists ? file.Length : 0;
        }
        return sum;
    }

    public ValueTask DisposeAsync()
    {
        // Tablespaces lie beside the data directory, hence below the folder too. The lock goes last.
        foreach (var inside in Directory.EnumerateFileSystemEntries(Root).Where(e => Path.GetFileName(e) != LockFile).ToList())
        {
            if (Directory.Exists(inside))
            {
                Directory.Delete(inside, recursive: true);
            }
            else
            {
                File.Delete(inside);
            }
        }
        _lock.Dispose();
        Directory.Delete(Root, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static FileStream? Lock(string path)
    {
        try
        {
            return new FileStream(Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // The server may run as another user, and has to get through to its own directory.
    private static void Pass(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Passable);
        }
    }
}
