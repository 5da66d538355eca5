using System.Text.Json;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Restore;

/// <summary>
/// Lies in a directory while it is being restored: what from, and which objects are done, so that an interrupted restore goes on where
/// it was. After a crash of the machine nothing is taken as done, since it may not have reached the disk, until all has: then the server replays.
/// </summary>
internal sealed class RestoreMarker : IDisposable
{
    public const string FileName = "restore-in-progress.json";
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private const string ReplayPrefix = "replaying ";
    private const int LockedOnLinux = 11;
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private readonly StreamWriter _writer;
    private readonly Lock _lock = new();
    private readonly string _path;

    private RestoreMarker(string path, HashSet<string> done, string? replay, StreamWriter writer) => (_path, Done, Replay, _writer) = (path, done, replay, writer);

    /// <summary>Objects that an earlier, interrupted run finished.</summary>
    public IReadOnlySet<string> Done { get; }

    /// <summary>How far an earlier run's server was to replay, see <see cref="BeginReplay"/>; null where it had not begun. From then on the files are the server's.</summary>
    public string? Replay { get; }

    public static bool IsIn(string directory) => File.Exists(Path.Combine(directory, FileName));

    /// <summary>Refused when the marker in the directory is of another restore, or one that still runs.</summary>
    public static Outcome<RestoreMarker> Open(string directory, string backupId)
    {
        var path = Path.Combine(directory, FileName);
        FileStream file;
        try
        {
            // Nobody else opens it until this one is closed.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is LockedOnLinux or LockedOnWindows)
        {
            return new RecoveryRefusal("restore.in-progress", $"A restore into {directory} is running.", "Wait for it, or stop it and run this again: it goes on where that one was.");
        }
        var reader = new StreamReader(file, leaveOpen: true);
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var before = lines.Length == 0 ? null : JsonSerializer.Deserialize<Head>(lines[0], RecoveryJson.Compact);
        if (before is not null && before.BackupId != backupId)
        {
            file.Dispose();
            return new RecoveryRefusal("restore.other-backup", $"An interrupted restore of another backup, {before.BackupId}, lies in {directory}.", "Remove the directory to begin anew, or name that backup with --backup.");
        }
        var replay = lines.FirstOrDefault(l => l.StartsWith(ReplayPrefix, StringComparison.Ordinal))?[ReplayPrefix.Length..];
        var head = new Head(backupId, File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : null);
        var done = before?.BootId is { } boot && boot == head.BootId ? lines.Skip(1).ToHashSet(StringComparer.Ordinal) : [];
        var writer = new StreamWriter(file) { AutoFlush = true };
        if (before != head && replay is null)
        {
            file.SetLength(0);
            writer.WriteLine(JsonSerializer.Serialize(head, RecoveryJson.Compact));
        }
        return new RestoreMarker(path, done, replay, writer);
    }

    /// <summary>All files are on disk and the server's from now on.</summary>
    /// <param name="target">How far it replays.</param>
    public void BeginReplay(string target)
    {
        _writer.WriteLine(ReplayPrefix + target);
        ((FileStream)_writer.BaseStream).Flush(flushToDisk: true);
    }

    public void Finish(WantedObject item)
    {
        lock (_lock)
        {
            _writer.WriteLine(NameOf(item));
        }
    }

    public static string NameOf(WantedObject item) => $"{item.Level}/{item.Number}";

    public void Remove()
    {
        _writer.Dispose();
        File.Delete(_path);
    }

    public void Dispose() => _writer.Dispose();

    private sealed record Head(string BackupId, string? BootId);
}
