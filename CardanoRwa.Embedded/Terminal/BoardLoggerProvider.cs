using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Terminal;

/// <summary>The host's own log lines, shown among those of its resources.</summary>
internal sealed class BoardLoggerProvider(BoardLines lines) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new HostLogger(lines);

    public void Dispose()
    {
    }

    private sealed class HostLogger(BoardLines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            foreach (var line in (exception is null ? text : $"{text}\n{exception}").Split('\n'))
                lines.Add("host", line.TrimEnd('\r'), logLevel >= LogLevel.Warning);
        }
    }
}
