using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Catalogue;

namespace CardanoRwa.Recovery.Restore;

/// <summary>The directory a cluster is restored into, and those of its tablespaces.</summary>
internal static class TargetDirectory
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Null when it may be written to.</summary>
    public static RecoveryRefusal? Check(string directory)
    {
        if (File.Exists(directory))
        {
            return new RecoveryRefusal("restore.not-empty", $"{directory} is a file.", "Give a directory that is empty or not there yet.");
        }
        if (!Directory.Exists(directory) || RestoreMarker.IsIn(directory) || !Directory.EnumerateFileSystemEntries(directory).Any())
        {
            return null;
        }
        return File.Exists(Path.Combine(directory, "postmaster.pid"))
            ? new RecoveryRefusal("restore.live", $"A server runs, or ran until it crashed, in {directory}.", "Restore into another directory; this one is never written to.")
            : new RecoveryRefusal("restore.not-empty", $"{directory} is not empty.", "Give a directory that is empty or not there yet; nothing is ever overwritten.");
    }

    public static RecoveryRefusal? CheckTablespace(string location, string directory) =>
        Directory.Exists(location) && Directory.EnumerateFileSystemEntries(location).Any() && !RestoreMarker.IsIn(directory)
            ? new RecoveryRefusal("restore.tablespace-not-empty", $"{location} is not empty.", "Give another place with --tablespace OLD=NEW.")
            : null;

    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        Directory.CreateDirectory(path, Private);
        // It may have been there, with the mode that mkdir gave it; the server asks for this one.
        File.SetUnixFileMode(path, Private);
    }

    public static void CreateTree(string directory, FileIndex index, List<(string Oid, string Location)> spaces)
    {
        foreach (var (oid, location) in spaces)
        {
            Create(location);
            Create(Path.Combine(directory, "pg_tblspc"));
            var link = Path.Combine(directory, "pg_tblspc", oid);
            if (!Path.Exists(link))
            {
                Directory.CreateSymbolicLink(link, location);
            }
        }
        var links = spaces.Select(s => $"pg_tblspc/{s.Oid}").ToHashSet(StringComparer.Ordinal);
        foreach (var folder in index.Directories.Where(d => !links.Contains(d)).Order(StringComparer.Ordinal))
        {
            Create(Path.Combine(directory, folder));
        }
        // Files must not be readable by others from their first byte on.
        foreach (var file in index.Files)
        {
            var path = Path.Combine(directory, file.Path == ControlFile.Path ? ControlFile.Path + ".restoring" : file.Path);
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            File.Open(path, options).Dispose();
        }
    }

    public static void GiveTo((uint User, uint Group) owner, string directory, IEnumerable<string> locations)
    {
        foreach (var root in locations.Prepend(directory))
        {
            Unix.GiveTo(owner, root);
            foreach (var path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories))
            {
                Unix.GiveTo(owner, path);
            }
        }
    }
}
