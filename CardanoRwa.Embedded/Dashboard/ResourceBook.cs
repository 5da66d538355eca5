using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Running;

namespace CardanoRwa.Embedded.Dashboard;

/// <summary>The present state of every instance, and a sign whenever one has changed.</summary>
internal sealed class ResourceBook(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    Orchestrator orchestrator,
    SecretMask mask,
    TimeProvider time)
{
    // A start changes a resource several times within milliseconds.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, (DateTime LastStart, int Count)> _starts = new();
    private TaskCompletionSource _change = NewChange();

    public async Task FollowAsync(CancellationToken stopping)
    {
        await foreach (var update in notifications.WatchAsync(stopping))
        {
            if (update.Snapshot.StartTimeStamp is { } start)
                _starts.AddOrUpdate(update.ResourceId, (start, 1), (_, known) => known.LastStart == start ? known : (start, known.Count + 1));
            Interlocked.Exchange(ref _change, NewChange()).TrySetResult();
        }
    }

    public IReadOnlyList<ResourceView> Current() =>
    [
        .. model.Resources.SelectMany(ResourceNotificationService.InstanceIds)
            .Select(id => notifications.TryGetCurrentState(id, out var update) ? update : null)
            .OfType<ResourceEvent>()
            .Where(update => !update.Snapshot.IsHidden)
            .Select(update => ResourceView.From(update, Restarts(update.ResourceId), orchestrator.InstancesOf(update.ResourceId).Any(), mask)),
    ];

    public async IAsyncEnumerable<IReadOnlyList<ResourceView>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var change = _change.Task;
            yield return Current();
            await change.WaitAsync(cancellationToken);
            await Task.Delay(Together, time, cancellationToken);
        }
    }

    /// <summary>The environment of an instance's last start; null for an id that is none.</summary>
    public IReadOnlyList<VariableView>? EnvironmentOf(string id) => notifications.TryGetCurrentState(id, out var update)
        ? [.. update.Snapshot.EnvironmentVariables.OrderBy(v => v.Name, StringComparer.OrdinalIgnoreCase).Select(v => mask.Variable(v.Name, v.Value))]
        : null;

    private int Restarts(string id) => _starts.TryGetValue(id, out var known) ? known.Count - 1 : 0;

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
