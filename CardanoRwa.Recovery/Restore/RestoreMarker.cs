using System.Text.Json;
using CardanoRwa.Recovery.Format;

namespace CardanoRwa.Recovery.Restore;

/// <summary>
/// Lies in a directory while it is being restored: what from, and which objects are done, so that an interrupted restore goes on where
/// it was. After a crash of the machine nothing is taken as done, since it may not have reached the disk.
/// </summary>
internal sealed class RestoreMarker : IDisposable
{
    public const string FileName = "restore-in-progress.json";
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    private readonly StreamWriter _writer;
    private readonly Lock _lock = new();
    private readonly string _path;

    private RestoreMarker(string path, HashSet<string> done, StreamWriter writer) => (_path, Done, _writer) = (path, done, writer);

    /// <summary>Objects that an earlier, interrupted run finished.</summary>
    public IReadOnlySet<string> Done { get; }

    public static bool IsIn(string directory) => File.Exists(Path.Combine(directory, FileName));

    /// <summary>Null when the marker in the directory is of another restore.</summary>
    public static RestoreMarker? Open(string directory, string backupId)
    {
        var path = Path.Combine(directory, FileName);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var head = new Head(backupId, File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : null);
        if (File.Exists(path))
        {
            var lines = File.ReadAllLines(path);
            var before = lines.Length == 0 ? null : JsonSerializer.Deserialize<Head>(lines[0], RecoveryJson.Compact);
            if (before is not null && before.BackupId != backupId)
            {
                return null;
            }
            if (before is not null && before.BootId is not null && before.BootId == head.BootId)
            {
                done.UnionWith(lines.Skip(1));
            }
        }
        var writer = new StreamWriter(path, append: false) { AutoFlush = true };
        writer.WriteLine(JsonSerializer.Serialize(head, RecoveryJson.Compact));
        foreach (var item in done)
        {
            writer.WriteLine(item);
        }
        return new RestoreMarker(path, done, writer);
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
