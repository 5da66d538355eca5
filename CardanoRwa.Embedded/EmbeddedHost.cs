using Aspire.Hosting;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Embedded;

/// <summary>What the embedded host offers beyond Aspire's API, for tests that look at processes.</summary>
public static class EmbeddedHost
{
    /// <summary>
    /// The operating system's process ids of a resource's running instances (by the resource's name) or of one instance (by its id, such as
    /// <c>api-2</c>). Each is the process itself: killing it is a crash of that instance.
    /// </summary>
    public static IReadOnlyList<int> GetProcessIds(this DistributedApplication app, string resourceId) =>
        [.. app.Services.GetRequiredService<Orchestrator>().InstancesOf(resourceId).Select(i => i.ProcessId).OfType<int>()];

    /// <summary>The ids of a resource's instances, running or not: its name, or <c>name-1</c>, <c>name-2</c> ... where there are replicas.</summary>
    public static IReadOnlyList<string> GetInstanceIds(this DistributedApplication app, string resourceName) =>
        [.. app.Services.GetRequiredService<Orchestrator>().InstancesOf(resourceName).Select(i => i.Id)];

    /// <summary>The folder in which this run keeps its data.</summary>
    public static string GetDataFolder(this DistributedApplication app) =>
        DataFolder.For(app.Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>());
}
