using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the last snapshot of every resource instance and tells watchers of each new one.</summary>
public partial class ResourceNotificationService(DistributedApplicationModel model, DistributedApplicationOptions options) : IDisposable
{
    private readonly ConcurrentDictionary<string, State> _states = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<Channel<ResourceEvent>, byte> _watchers = new();
    private readonly CancellationTokenSource _disposing = new();

    /// <summary>Nobody can restart a dead dependency where there is no dashboard, so waiting for it would be in vain.</summary>
    internal WaitBehavior DefaultWaitBehavior { get; } =
        options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable;

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        resourceEvent = null;
        if (!_states.TryGetValue(resourceId, out var state))
        {
            var named = _states.Values.Where(s => string.Equals(s.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase)).ToList();
            state = named.Count == 1 ? named[0] : null;
        }

        if (state?.Last is { } snapshot)
            resourceEvent = new ResourceEvent(state.Resource, state.ResourceId, snapshot);
        return resourceEvent is not null;
    }

    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        _watchers[channel] = 0;
        try
        {
            // Subscribed first, so that nothing falls between the present state and the updates; versions weed out what came twice.
            var seen = new Dictionary<string, long>();
            foreach (var state in _states.Values)
            {
                if (state.Last is not { } last)
                    continue;
                seen[state.ResourceId] = last.Version;
                yield return new ResourceEvent(state.Resource, state.ResourceId, last);
            }

            await foreach (var update in channel.Reader.ReadAllAsync(cancellationToken))
            {
                if (update.Snapshot.Version > seen.GetValueOrDefault(update.ResourceId))
                    yield return update;
            }
        }
        finally
        {
            _watchers.TryRemove(channel, out _);
        }
    }

    /// <summary>Publishes one instance's new snapshot, made from its last one.</summary>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        var state = _states.GetOrAdd(resourceId, id => new State(resource, id));
        lock (state)
        {
            var last = state.Last ?? new CustomResourceSnapshot { ResourceType = resource.GetType().Name, Properties = [] };
            var next = stateFactory(last);
            if (state.Last is not null && next == last)
                return Task.CompletedTask;

            state.Last = next with { Version = last.Version + 1 };
            foreach (var watcher in _watchers.Keys)
                watcher.Writer.TryWrite(new ResourceEvent(resource, resourceId, state.Last));
        }

        return Task.CompletedTask;
    }

    /// <summary>Publishes to every instance of a resource.</summary>
    public async Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var id in InstanceIds(resource))
            await PublishUpdateAsync(resource, id, stateFactory);
    }

    public void Dispose()
    {
        _disposing.Cancel();
        _disposing.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The ids of a resource's instances: its name, or <c>name-1</c>, <c>name-2</c> ... where there are replicas.</summary>
    internal static IReadOnlyList<string> InstanceIds(IResource resource) => resource.GetReplicaCount() is var count and > 1
        ? [.. Enumerable.Range(1, count).Select(n => $"{resource.Name}-{n}")]
        : [resource.Name];

    private sealed class State(IResource resource, string resourceId)
    {
        public IResource Resource { get; } = resource;

        public string ResourceId { get; } = resourceId;

        public CustomResourceSnapshot? Last { get; set; }
    }
}
