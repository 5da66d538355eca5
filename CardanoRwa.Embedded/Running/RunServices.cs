using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using CardanoRwa.Embedded.Processes;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Running;

/// <summary>What every instance of a run shares.</summary>
internal sealed record RunServices(
    IServiceProvider Provider,
    ResourceNotificationService Notifications,
    ResourceLoggerService Loggers,
    IDistributedApplicationEventing Eventing,
    TimeProvider Time,
    ILogger Logger,
    RunFolder Folder,
    Reaper Reaper)
{
    public void Started(ChildProcess process, int stopSignal)
    {
        Reaper.Watch(process, stopSignal);
        Folder.Started(process);
    }

    public void Ended(int pid)
    {
        Reaper.Forget(pid);
        Folder.Ended(pid);
    }

    /// <summary>A line of one replica; its number is told where there are several.</summary>
    public void Write(IResource resource, string instanceId, string line, bool isError) =>
        Loggers.Write(resource.Name, instanceId == resource.Name ? line : $"[{instanceId[(resource.Name.Length + 1)..]}] {line}", isError);

    public void Failed(string instanceId, int exitCode, IEnumerable<LogLine> lastLines) =>
        RunLog.Died(Logger, instanceId, exitCode, string.Concat(lastLines.Select(l => $"\n    {l.Content}")));
}
