using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>What each resource has written: the last lines are kept, new ones go to whoever watches.</summary>
public class ResourceLoggerService
{
    private const int KeptLines = 10_000;

    private readonly ConcurrentDictionary<string, Log> _logs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Raised for every line of every resource, on the thread that wrote it.</summary>
    internal event Action<string, LogLine>? LineWritten;

    public ILogger GetLogger(IResource resource) => GetLogger(resource.Name);

    public ILogger GetLogger(string resourceName) => new LineLogger(this, resourceName);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => WatchAsync(resource.Name);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => LogOf(resourceName).WatchAsync();

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource)
    {
        await Task.CompletedTask;
        yield return Last(resource.Name, KeptLines);
    }

    internal void Write(string resourceName, string content, bool isError) =>
        LineWritten?.Invoke(resourceName, LogOf(resourceName).Add(content, isError));

    internal IReadOnlyList<LogLine> Last(string resourceName, int count) => LogOf(resourceName).Last(count);

    private Log LogOf(string resourceName) => _logs.GetOrAdd(resourceName, _ => new Log());

    private sealed class Log
    {
        private readonly Lock _gate = new();
        private readonly Queue<LogLine> _lines = new();
        private readonly List<Channel<LogLine>> _watchers = [];
        private int _count;

        public LogLine Add(string content, bool isError)
        {
            lock (_gate)
            {
                var line = new LogLine(++_count, content, isError);
                _lines.Enqueue(line);
                if (_lines.Count > KeptLines)
                    _lines.Dequeue();
                foreach (var watcher in _watchers)
                    watcher.Writer.TryWrite(line);
                return line;
            }
        }

        public IReadOnlyList<LogLine> Last(int count)
        {
            lock (_gate)
                return [.. _lines.TakeLast(count)];
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var channel = Channel.CreateUnbounded<LogLine>();
            List<LogLine> backlog;
            lock (_gate)
            {
                backlog = [.. _lines];
                _watchers.Add(channel);
            }

            try
            {
                if (backlog.Count > 0)
                    yield return backlog;
                await foreach (var line in channel.Reader.ReadAllAsync(cancellationToken))
                    yield return [line];
            }
            finally
            {
                lock (_gate)
                    _watchers.Remove(channel);
            }
        }
    }

    private sealed class LineLogger(ResourceLoggerService service, string resourceName) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var text = formatter(state, exception);
            foreach (var line in (exception is null ? text : $"{text} {exception.Message}").Split('\n'))
                service.Write(resourceName, line.TrimEnd('\r'), logLevel >= LogLevel.Error);
        }
    }
}
