using CardanoRwa.Recovery.Base;
using CardanoRwa.Recovery.Wal;

namespace CardanoRwa.Recovery.Restore;

/// <summary>
/// WAL that is put into pg_wal while the server already replays what is there. The server runs as a standby meanwhile: at the end of what it finds it
/// waits for more, and takes writes only once it is told to. So nothing that fails or is killed here makes it end early.
/// </summary>
internal sealed class ReplayFeed
{
    /// <summary>Makes the server a standby, until it was promoted.</summary>
    public const string SignalFile = "standby.signal";

    private const string Coming = ".coming";

    // The server takes the first, and has work until the next arrive.
    private const int BeforeStart = 2;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly string _label;
    private readonly string _folder;
    private readonly (uint User, uint Group)? _owner;

    /// <param name="directory">The data directory.</param>
    /// <param name="owner">Who runs the server, where that is another user.</param>
    /// <param name="segments">All that it will replay, in its order.</param>
    /// <param name="segmentSize">Bytes of each.</param>
    public ReplayFeed(string directory, (uint User, uint Group)? owner, IReadOnlyList<string> segments, int segmentSize)
    {
        (_label, _folder, _owner) = (Path.Combine(directory, "backup_label"), Path.Combine(directory, "pg_wal"), owner);
        // Where a timeline was left there are two of one number. The server takes the newest that it finds: were that not there yet, it would replay what the older one did afterwards.
        var twice = segments.GroupBy(s => WalNames.Parse(s, segmentSize).Number).Where(g => g.Count() > 1).SelectMany(g => g);
        Before = [.. segments.Take(BeforeStart).Concat(twice).Distinct()];
        Meanwhile = [.. segments.Except(Before)];
    }

    /// <summary>What must be in place before the server runs.</summary>
    public IReadOnlyList<string> Before { get; }

    /// <summary>What may come while it runs.</summary>
    public IReadOnlyList<string> Meanwhile { get; }

    /// <summary>
    /// Until the server has read where to begin. It brings its directory to disk before that, and waits for whatever else is being written there: so nothing is until then.
    /// </summary>
    public async Task BeganAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        while (File.Exists(_label))
        {
            await Task.Delay(Period, clock, cancellationToken);
        }
    }

    /// <summary>Whole and readable by the server before it stands under its name. False where no store has it.</summary>
    public async Task<bool> FetchAsync(IWalSource wal, string systemId, string name, CancellationToken cancellationToken)
    {
        var place = PlaceOf(name);
        var coming = place + Coming;
        if (!await wal.FetchAsync(systemId, name, coming, cancellationToken))
        {
            return false;
        }
        if (_owner is { } owner)
        {
            Unix.GiveTo(owner, coming);
        }
        File.Move(coming, place, overwrite: true);
        return true;
    }

    /// <summary>Brings all of it to disk. A promoted server may need it again, since its checkpoint comes later.</summary>
    public void Sync()
    {
        foreach (var unfinished in Directory.EnumerateFiles(_folder, $"*{Coming}*"))
        {
            File.Delete(unfinished);
        }
        foreach (var name in Before.Concat(Meanwhile))
        {
            try
            {
                using var handle = File.OpenHandle(PlaceOf(name), access: FileAccess.ReadWrite);
                RandomAccess.FlushToDisk(handle);
            }
            catch (FileNotFoundException)
            {
                // The server is done with it, and removed it.
            }
        }
        DurableFiles.FlushFolder(_folder);
    }

    private string PlaceOf(string name) => Path.Combine(_folder, name);
}
