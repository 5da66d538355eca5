using System.Globalization;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Restore;

/// <summary>
/// WAL that is still on its way from the stores while the server replays what is there. Its restore_command waits for a segment that is to come, and
/// stops the server should nobody bring it any more: one that merely was 'not found' would end the replay, and the server would take writes too early.
/// </summary>
internal sealed class ReplayFeed
{
    // Arguments: %f and %p. Beyond 125 means to Postgres that recovery must stop. A restore that was killed is told from another process of its number by its start.
    private const string Script = """
        folder=${0%/*}
        : >"$folder/asked"
        is_alive() {
          read -r stat 2>/dev/null <"/proc/{process}/stat" || return 1
          set -- ${stat##*) }
          [ "${20}" = {start} ]
        }
        while :; do
          [ -e "$folder/complete" ] || { [ ! -e "$folder/failed" ] && is_alive; } || exit 255
          if [ -e "$folder/$1" ]; then
            ln "$folder/$1" "$2" 2>/dev/null || cp "$folder/$1" "$2" || exit 255
            exit 0
          fi
          grep -qx "$1" "$folder/wanted" || exit 1
          sleep 0.02
        done

        """;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly string _folder;
    private readonly (uint User, uint Group)? _owner;

    private ReplayFeed(string folder, (uint User, uint Group)? owner) => (_folder, _owner) = (folder, owner);

    /// <summary>The server's restore_command.</summary>
    public string Command => $"sh '{Path.Combine(_folder, "take").Replace("'", @"'\''", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal)}' %f %p";

    /// <summary>It needs to tell a process that lives from one that does not.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    // Beside it: a server that starts brings all that is in its directory to disk first.
    private static string FolderOf(string directory) => $"{directory.TrimEnd(Path.DirectorySeparatorChar)}-wal";

    /// <summary>Null where its folder may be made, or was left by an interrupted restore.</summary>
    public static RecoveryRefusal? Check(string directory) => FolderOf(directory) is var folder && Path.Exists(folder) && !File.Exists(Path.Combine(folder, "take"))
        ? new RecoveryRefusal("restore.not-empty", $"{folder}, where the WAL is to wait for the server, is there already.", "Restore into another directory, or move that one away; nothing is ever overwritten.")
        : null;

    /// <param name="directory">The data directory.</param>
    /// <param name="owner">Who runs the server, where that is another user.</param>
    /// <param name="names">All that will be fetched.</param>
    public static ReplayFeed Create(string directory, (uint User, uint Group)? owner, IEnumerable<string> names)
    {
        var folder = FolderOf(directory);
        // What an interrupted restore left is not known to be whole.
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        TargetDirectory.Create(folder);
        TargetDirectory.Create(Path.Combine(folder, "coming"));
        File.WriteAllLines(Path.Combine(folder, "wanted"), names);
        var stat = File.ReadAllText("/proc/self/stat");
        // Numbered from the state, the first after the name in brackets.
        var start = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        File.WriteAllText(Path.Combine(folder, "take"), Script
            .Replace("{process}", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{start}", start, StringComparison.Ordinal));
        if (owner is { } user)
        {
            TargetDirectory.GiveTo(user, folder, []);
        }
        return new ReplayFeed(folder, owner);
    }

    /// <summary>
    /// Until the server asks for the first. It brings its directory to disk before that, and waits for whatever else is being written there: so nothing is until then.
    /// </summary>
    public async Task AskedAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        while (!File.Exists(Path.Combine(_folder, "asked")))
        {
            await Task.Delay(Period, clock, cancellationToken);
        }
    }

    /// <summary>Whole and readable by the server before it stands under its name. False where no store has it.</summary>
    public async Task<bool> FetchAsync(IWalSource wal, string systemId, string name, CancellationToken cancellationToken)
    {
        var coming = Path.Combine(_folder, "coming", name);
        if (!await wal.FetchAsync(systemId, name, coming, cancellationToken))
        {
            return false;
        }
        if (_owner is { } owner)
        {
            Unix.GiveTo(owner, coming);
        }
        File.Move(coming, Path.Combine(_folder, name), overwrite: true);
        return true;
    }

    /// <summary>All is there and on disk: the server needs nobody any more.</summary>
    public void Complete()
    {
        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            using var handle = File.OpenHandle(file, access: FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }
        File.WriteAllText(Path.Combine(_folder, "complete"), "");
    }

    /// <summary>Nothing more comes: the server stops when it needs more.</summary>
    public void Fail() => File.WriteAllText(Path.Combine(_folder, "failed"), "");

    /// <summary>The server is up and will not ask again.</summary>
    public void Remove() => Directory.Delete(_folder, recursive: true);
}
