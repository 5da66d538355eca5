using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Running;

internal static partial class RunLog
{
    [LoggerMessage(9001, LogLevel.Warning, "{Resource} ended with exit code {ExitCode} and is started again in {Seconds:0.0} s")]
    public static partial void Restarting(ILogger logger, string resource, int exitCode, double seconds);

    [LoggerMessage(9002, LogLevel.Error, "{Resource} died at its start with exit code {ExitCode}. Its last lines:{Lines}")]
    public static partial void Died(ILogger logger, string resource, int exitCode, string lines);

    [LoggerMessage(9003, LogLevel.Error, "{Resource} is running, and what was to follow failed: {Reason}")]
    public static partial void NotReady(ILogger logger, string resource, string reason);
}
