using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Running;

/// <summary>The state of what is no process: a database follows its server, a parameter simply is.</summary>
internal sealed class PassiveResource(IResource resource, RunServices services)
{
    public static string TypeOf(IResource resource) => resource switch
    {
        ProjectResource => KnownResourceTypes.Project,
        ExecutableResource => KnownResourceTypes.Executable,
        ContainerResource => KnownResourceTypes.Container,
        ParameterResource => KnownResourceTypes.Parameter,
        ConnectionStringResource => KnownResourceTypes.ConnectionString,
        ExternalServiceResource => KnownResourceTypes.ExternalService,
        _ => resource.GetType().Name,
    };

    public async Task RunAsync(CancellationToken stopping)
    {
        switch (resource)
        {
            case IResourceWithParent { Parent: var parent }:
                await FollowAsync(parent, stopping);
                break;

            // Nobody has asked for it yet, and nobody can: no line at every start.
            case ContainerResource when resource.HasAnnotationOfType<ExplicitStartupAnnotation>():
                await PublishAsync(KnownResourceStates.NotStarted);
                break;

            case ContainerResource:
                resource.TryGetContainerImageName(out var image);
                services.Write(resource, resource.Name, $"The embedded host cannot run the container image {image}. With Docker or Podman, build with -p:UseAspire=true.", isError: true);
                await PublishAsync(KnownResourceStates.FailedToStart);
                break;

            default:
                await services.Notifications.WaitForDependenciesAsync(resource, stopping);
                await PublishAsync(KnownResourceStates.Running);
                break;
        }
    }

    private async Task FollowAsync(IResource parent, CancellationToken stopping)
    {
        string? state = null;
        await foreach (var update in services.Notifications.WatchAsync(stopping))
        {
            if (update.Resource != parent || update.Snapshot.State?.Text is not { } now)
                continue;

            // A running server whose databases are still to be created has none that runs.
            if (now == KnownResourceStates.Running)
                now = await StateWhenReadyAsync(update.Snapshot.ResourceReadyEvent);

            if (now != state)
                await PublishAsync(state = now);
        }
    }

    private static async Task<string> StateWhenReadyAsync(EventSnapshot? ready)
    {
        if (ready is null)
            return KnownResourceStates.Starting;
        try
        {
            await ready.EventTask;
            return KnownResourceStates.Running;
        }
        catch (Exception)
        {
            // Reported where it happened.
            return KnownResourceStates.FailedToStart;
        }
    }

    private Task PublishAsync(string state) => services.Notifications.PublishUpdateAsync(resource, s => s with
    {
        State = state,
        ResourceReadyEvent = null,
        HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(c => new HealthReportSnapshot(c.Key, null, null, null))],
    });
}
