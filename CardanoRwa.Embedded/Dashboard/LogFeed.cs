using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Dashboard;

internal sealed record LogEntry(long Id, DateTimeOffset At, string Resource, string Text, bool IsError);

/// <summary>The lines of all resources in the order they came, the last ones of each kept, so that a chatty one drives out only its own.</summary>
internal sealed class LogFeed(ResourceLoggerService loggers, SecretMask mask, TimeProvider time) : IDisposable
{
    private const int KeptLines = 2_000;
    private const int BatchSize = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<LogEntry>> _kept = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<ChannelWriter<LogEntry>> _watchers = [];
    private long _lastId;

    public void Start() => loggers.LineWritten += Add;

    public void Dispose() => loggers.LineWritten -= Add;

    /// <summary>What is kept after an entry, and then each line as it comes: of one resource, or of all.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync(
        string? resource, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A page that cannot keep up loses lines; the host must not grow, nor a resource wait, because of it.
        var channel = Channel.CreateBounded<LogEntry>(new BoundedChannelOptions(KeptLines) { FullMode = BoundedChannelFullMode.DropOldest });
        List<LogEntry> backlog;
        lock (_gate)
        {
            _watchers.Add(channel.Writer);
            backlog = [.. _kept.Where(k => Wanted(k.Key)).SelectMany(k => k.Value).Where(e => e.Id > after).OrderBy(e => e.Id)];
        }

        try
        {
            foreach (var part in backlog.Chunk(BatchSize))
                yield return Masked(part);

            var batch = new List<LogEntry>();
            while (await channel.Reader.WaitToReadAsync(cancellationToken))
            {
                while (batch.Count < BatchSize && channel.Reader.TryRead(out var entry))
                {
                    if (Wanted(entry.Resource))
                        batch.Add(entry);
                }

                if (batch.Count > 0)
                    yield return Masked(batch);
                batch = [];
            }
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(channel.Writer);
        }

        bool Wanted(string name) => resource is null || string.Equals(resource, name, StringComparison.OrdinalIgnoreCase);
    }

    private IReadOnlyList<LogEntry> Masked(IEnumerable<LogEntry> entries) => [.. entries.Select(e => e with { Text = mask.Line(e.Text) })];

    private void Add(string resource, LogLine line)
    {
        lock (_gate)
        {
            var entry = new LogEntry(++_lastId, time.GetUtcNow(), resource, line.Content, line.IsErrorMessage);
            if (!_kept.TryGetValue(resource, out var kept))
                _kept[resource] = kept = new();
            kept.Enqueue(entry);
            if (kept.Count > KeptLines)
                kept.Dequeue();
            foreach (var watcher in _watchers)
                watcher.TryWrite(entry);
        }
    }
}
