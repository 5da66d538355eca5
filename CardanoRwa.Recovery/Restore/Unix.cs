using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CardanoRwa.Recovery.Restore;

/// <summary>System calls that .NET has no API for.</summary>
internal static partial class Unix
{
    /// <summary>Brings all that was written to a directory's file system to disk in one call; file by file where there is no such call.</summary>
    public static void SyncTree(string directory)
    {
        if (OperatingSystem.IsLinux())
        {
            // Any file stands for its file system; an empty tablespace has none, and nothing to bring to disk.
            if (Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).FirstOrDefault() is not { } any)
            {
                return;
            }
            using var handle = File.OpenHandle(any);
            if (SyncFileSystem(handle) != 0)
            {
                throw new IOException($"Could not bring {directory} to disk: {Marshal.GetLastPInvokeErrorMessage()}");
            }
            return;
        }
        foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            using var handle = File.OpenHandle(file, access: FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }
    }

    /// <summary>Asks for written bytes to go to disk and waits for nothing; a fault of the disk is told by <see cref="SyncTree"/>. Nothing where there is no such call.</summary>
    public static void BeginSync(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SyncFileRange(file, offset, length, StartWriting);
        }
    }

    /// <summary>Whether a process has a directory for its working directory, as every process of Postgres has its data directory. False where it has ended or may not be looked at; Linux only.</summary>
    public static bool WorksIn(int process, string directory) =>
        OperatingSystem.IsLinux() && new DirectoryInfo($"/proc/{process}/cwd").LinkTarget == Path.TrimEndingDirectorySeparator(directory);

    /// <summary>The server of a data directory, by the file that it keeps there; null where none is, or its number is another process's by now. Linux only, as <see cref="WorksIn"/>.</summary>
    public static int? ServerOf(string directory)
    {
        var file = Path.Combine(directory, "postmaster.pid");
        // Its first two lines: the process, and the directory it serves.
        return File.Exists(file) && File.ReadLines(file).Take(2).ToList() is [var first, var served] && served == Path.TrimEndingDirectorySeparator(directory)
            && int.TryParse(first, NumberStyles.Integer, CultureInfo.InvariantCulture, out var process) && WorksIn(process, served)
                ? process
                : null;
    }

    /// <summary>
    /// Who shall own what is written into a directory: its owner. Null where that is who runs this, or where only the administrator may give
    /// files away. The administrator's own directory goes to the user 'postgres', since the server does not run as root.
    /// </summary>
    public static (uint User, uint Group)? OwnerToKeep(string directory)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || Stat(directory) is not { } owner)
        {
            return null;
        }
        return owner.User != 0 ? owner : PostgresUser();
    }

    /// <summary>A command as the owner of a directory would give it: the server refuses to run as root, and runs as the owner of its files.</summary>
    public static IReadOnlyList<string> AsOwner(string directory, IReadOnlyList<string> command) => OwnerToKeep(directory) is { } owner
        ? ["setpriv", string.Create(CultureInfo.InvariantCulture, $"--reuid={owner.User}"), string.Create(CultureInfo.InvariantCulture, $"--regid={owner.Group}"), "--clear-groups", .. command]
        : command;

    private static (uint User, uint Group)? PostgresUser() =>
        // name:password:uid:gid:comment:home:shell
        File.ReadLines("/etc/passwd").Select(l => l.Split(':')).FirstOrDefault(f => f is ["postgres", _, _, _, ..]) is { } found
        && uint.TryParse(found[2], out var user) && uint.TryParse(found[3], out var group)
            ? (user, group)
            : null;

    public static void GiveTo((uint User, uint Group) owner, string path)
    {
        if (ChangeOwner(path, owner.User, owner.Group) != 0)
        {
            throw new IOException($"Could not change the owner of {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private static (uint User, uint Group)? Stat(string path)
    {
        // struct statx: stx_mask, stx_blksize, stx_attributes (8), stx_nlink, stx_uid, stx_gid.
        Span<byte> buffer = stackalloc byte[256];
        return StatX(CurrentDirectory, path, 0, UidAndGid, ref MemoryMarshal.GetReference(buffer)) == 0
            ? (MemoryMarshal.Read<uint>(buffer[20..]), MemoryMarshal.Read<uint>(buffer[24..]))
            : null;
    }

    private const int CurrentDirectory = -100;
    private const uint StartWriting = 2;
    private const uint UidAndGid = 0x18;

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, ref byte buffer);
}
