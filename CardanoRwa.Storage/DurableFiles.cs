using System.ComponentModel;
using System.Runtime.InteropServices;

namespace CardanoRwa.Storage;

/// <summary>What .NET has no call for: to make a name durable, and to take a name only if it is free.</summary>
public static partial class DurableFiles
{
    private const int NoEntry = 2;
    private const int Exists = 17;

    /// <summary>Gives a finished file its name unless the name is taken.</summary>
    /// <returns>False when it is taken.</returns>
    public static bool LinkIfAbsent(string file, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(file, name, overwrite: false);
                return true;
            }
            catch (IOException) when (File.Exists(name))
            {
                return false;
            }
        }
        // File.Move looks and then renames, which two can do at once.
        if (Link(file, name) == 0)
        {
            File.Delete(file);
            return true;
        }
        return Marshal.GetLastPInvokeError() switch
        {
            Exists => false,
            NoEntry => throw new DirectoryNotFoundException($"{Path.GetDirectoryName(name)} is not there"),
            var error => throw new IOException($"{name} cannot be linked: {new Win32Exception(error).Message}", error),
        };
    }

    /// <summary>Makes a folder and those above it, each durable.</summary>
    public static void CreateFolders(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }
        var above = Path.GetDirectoryName(folder);
        if (above is not null)
        {
            CreateFolders(above);
        }
        Directory.CreateDirectory(folder);
        if (above is not null)
        {
            FlushFolder(above);
        }
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            throw new DirectoryNotFoundException($"{folder} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        var failed = Flush(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (failed)
        {
            throw new IOException($"{folder} cannot be flushed: {new Win32Exception(error).Message}", error);
        }
    }

    /// <summary>Removes a folder and those above it, up to the root, as long as nothing is in them.</summary>
    public static void RemoveEmptyFolders(string folder, string root)
    {
        while (folder.Length > root.Length && Directory.Exists(folder))
        {
            try
            {
                Directory.Delete(folder, recursive: false);
            }
            catch (IOException)
            {
                // Not empty: somebody's objects are in it, perhaps since this moment.
                return;
            }
            folder = Path.GetDirectoryName(folder)!;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
