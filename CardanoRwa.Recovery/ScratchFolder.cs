using System.Globalization;
using CardanoRwa.Recovery.Restore;

namespace CardanoRwa.Recovery;

/// <summary>
/// A folder of one run on this machine's disk, readable by its user alone and removed with the run. A run that was killed leaves its folder
/// behind; the next one tells it by its lock, which ends with the process, and removes it.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string Prefix = "rwa-scratch-";
    private const string LockName = "lock";
    private readonly FileStream _lock;

    private ScratchFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <param name="parent">Where scratch folders are made; the temporary folder where null.</param>
    public static ScratchFolder Create(string? parent)
    {
        var root = System.IO.Path.GetFullPath(parent ?? System.IO.Path.GetTempPath());
        Directory.CreateDirectory(root);
        Sweep(root);
        while (true)
        {
            var path = System.IO.Path.Combine(root, Prefix + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..12]);
            TargetDirectory.Create(path);
            try
            {
                return new ScratchFolder(path, new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (!Directory.Exists(path))
            {
                // Swept by another run between the folder and its lock.
            }
        }
    }

    /// <summary>A folder inside, not made yet.</summary>
    public string Inside(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Bytes in files that lie directly in a folder inside.</summary>
    public static long Length(string folder) => Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles().Sum(LengthOf) : 0;

    public void Dispose()
    {
        EndServers(Path);
        _lock.Dispose();
        Remove(Path);
    }

    private static void Sweep(string root)
    {
        foreach (var path in Directory.EnumerateDirectories(root, Prefix + "*"))
        {
            try
            {
                using var free = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                EndServers(path);
                Remove(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or another user's: not ours to remove.
            }
        }
    }

    // A program that was started inside may still be writing: what it adds meanwhile is removed at the next try.
    private static void Remove(string path)
    {
        for (var attempt = 0; Directory.Exists(path); attempt++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException) when (attempt < 20)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>A server whose run was killed lives on; it goes before its files do.</summary>
    private static void EndServers(string path)
    {
        foreach (var process in Directory.EnumerateDirectories(path).Select(Unix.ServerOf).OfType<int>())
        {
            using var server = System.Diagnostics.Process.GetProcessById(process);
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
        }
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
