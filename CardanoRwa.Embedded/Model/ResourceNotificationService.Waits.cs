using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

public partial class ResourceNotificationService
{
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(resourceName, e => e.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        try
        {
            await foreach (var update in WatchAsync(linked.Token))
            {
                if (string.Equals(update.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(update))
                    return update;
            }
        }
        catch (OperationCanceledException e)
        {
            throw new OperationCanceledException($"The wait for resource '{resourceName}' ended before it was met. {Describe(resourceName)}", e, cancellationToken);
        }

        throw new OperationCanceledException($"The wait for resource '{resourceName}' ended before it was met.");
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        if (!model.Resources.TryGetByName(resourceName, out _))
            throw new DistributedApplicationException($"Cannot wait for resource '{resourceName}': the application model has none of that name.");

        return await HealthyAsync(resourceName, null, waitBehavior, cancellationToken);
    }

    /// <summary>Returns once everything the resource waits for is as far as it asked.</summary>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource.TryGetAnnotationsOfType<WaitAnnotation>(out var waits))
            await Task.WhenAll(waits.SelectMany(w => InstanceIds(w.Resource).Select(id => WaitForAsync(resource, w, id, cancellationToken))));
    }

    private async Task WaitForAsync(IResource resource, WaitAnnotation wait, string instanceId, CancellationToken cancellationToken)
    {
        var behavior = wait.WaitBehavior ?? DefaultWaitBehavior;
        switch (wait.WaitType)
        {
            case WaitType.WaitUntilHealthy:
                await HealthyAsync(wait.Resource.Name, instanceId, behavior, cancellationToken);
                break;

            case WaitType.WaitUntilStarted:
                var started = await InstanceAsync(wait.Resource.Name, instanceId, s => s.State?.Text == KnownResourceStates.Running || Gone(s, behavior), cancellationToken);
                if (started.Snapshot.State?.Text != KnownResourceStates.Running)
                    throw GaveUp(resource, instanceId, started.Snapshot);
                break;

            case WaitType.WaitForCompletion:
                var ended = await InstanceAsync(wait.Resource.Name, instanceId, s => KnownResourceStates.TerminalStates.Contains(s.State?.Text), cancellationToken);
                if (ended.Snapshot.State?.Text == KnownResourceStates.FailedToStart || (ended.Snapshot.ExitCode ?? wait.ExitCode) != wait.ExitCode)
                    throw GaveUp(resource, instanceId, ended.Snapshot);
                break;
        }
    }

    private async Task<ResourceEvent> HealthyAsync(string resourceName, string? instanceId, WaitBehavior behavior, CancellationToken cancellationToken)
    {
        // Healthy includes ready: by then whoever subscribed to ResourceReadyEvent (creating databases, say) has finished.
        var reached = await InstanceAsync(
            resourceName,
            instanceId,
            s => (s.HealthStatus == HealthStatus.Healthy && s.ResourceReadyEvent is not null) || Gone(s, behavior),
            cancellationToken);
        if (reached.Snapshot.HealthStatus != HealthStatus.Healthy)
            throw new DistributedApplicationException($"Resource '{reached.ResourceId}' will not become healthy: it is in state '{reached.Snapshot.State?.Text}'.");

        await reached.Snapshot.ResourceReadyEvent!.EventTask.WaitAsync(cancellationToken);
        return reached;
    }

    private Task<ResourceEvent> InstanceAsync(
        string resourceName, string? instanceId, Func<CustomResourceSnapshot, bool> predicate, CancellationToken cancellationToken) =>
        WaitForResourceAsync(resourceName, e => (instanceId is null || e.ResourceId == instanceId) && predicate(e.Snapshot), cancellationToken);

    private static bool Gone(CustomResourceSnapshot snapshot, WaitBehavior behavior) => behavior == WaitBehavior.StopOnResourceUnavailable
        && (KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text) || snapshot.State?.Text == KnownResourceStates.RuntimeUnhealthy);

    private static DistributedApplicationException GaveUp(IResource resource, string dependency, CustomResourceSnapshot snapshot) =>
        new($"Resource '{resource.Name}' stopped waiting for '{dependency}', which is in state '{snapshot.State?.Text}'"
            + (snapshot.ExitCode is { } code ? $" with exit code {code}." : "."));

    private string Describe(string resourceName) => !TryGetCurrentState(resourceName, out var now)
        ? "It has no state yet."
        : $"It is in state '{now.Snapshot.State?.Text}', health {now.Snapshot.HealthStatus?.ToString() ?? "unknown"}. "
          + string.Join(" ", now.Snapshot.HealthReports.Select(r => $"{r.Name}: {r.Status?.ToString() ?? "not run"} {r.ExceptionText ?? r.Description}"));
}
