using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Terminal;

/// <summary>Hands what resources write to the host's loggers, as <c>{AppHost}.Resources.{resource}</c>: how a test gets to see it.</summary>
internal sealed partial class ResourceLogForwarder(ResourceLoggerService loggers, ILoggerFactory factory, IHostEnvironment environment) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        loggers.LineWritten += Forward;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        loggers.LineWritten -= Forward;
        return Task.CompletedTask;
    }

    private void Forward(string resource, LogLine line)
    {
        var logger = factory.CreateLogger($"{environment.ApplicationName}.Resources.{resource}");
        if (line.IsErrorMessage)
            Error(logger, line.LineNumber, line.Content);
        else
            Information(logger, line.LineNumber, line.Content);
    }

    [LoggerMessage(9101, LogLevel.Information, "{LineNumber}: {LineContent}")]
    private static partial void Information(ILogger logger, int lineNumber, string lineContent);

    [LoggerMessage(9102, LogLevel.Error, "{LineNumber}: {LineContent}")]
    private static partial void Error(ILogger logger, int lineNumber, string lineContent);
}
