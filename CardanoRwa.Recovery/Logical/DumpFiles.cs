using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace CardanoRwa.Recovery.Logical;

/// <summary>
/// The files of a running pg_dump, each as soon as it is whole: between pg_dump and the stores only what is being written, or waits to be sent,
/// takes room on the disk.
/// </summary>
internal sealed partial class DumpFiles(string folder, long bound, TimeProvider clock)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private readonly Channel<string> _whole = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>pg_dump says 'finished item 3362 TABLE DATA name' once 3362.dat is closed.</summary>
    public void Heard(string line)
    {
        if (Finished().Match(line) is { Success: true } match)
        {
            Tell($"{match.Groups[1].Value}.dat");
        }
    }

    /// <summary>After the end: large objects, the table of contents, and whatever was not announced.</summary>
    public void Ended(bool isWhole)
    {
        foreach (var file in isWhole ? Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            Tell(file);
        }
        _whole.Writer.Complete();
    }

    /// <summary>Names of whole files, until the dump has ended.</summary>
    public IAsyncEnumerable<string> WholeAsync(CancellationToken cancellationToken) => _whole.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends when more lies in the folder than may, and says how much; null when it was stopped before.</summary>
    public async Task<long?> WatchAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (ScratchFolder.Length(folder) is var length && length > bound)
            {
                return length;
            }
            await Task.Delay(Period, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return null;
    }

    private void Tell(string file)
    {
        // An item without a file of its own, such as all large objects together, comes at the end.
        if (File.Exists(Path.Combine(folder, file)) && _told.Add(file))
        {
            _whole.Writer.TryWrite(file);
        }
    }

    [GeneratedRegex(@"finished item (\d+) TABLE DATA ")]
    private static partial Regex Finished();
}
