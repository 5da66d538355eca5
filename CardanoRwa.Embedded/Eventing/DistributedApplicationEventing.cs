using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly Lock _gate = new();
    private readonly List<(Type Event, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];

    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationEvent
    {
        var subscription = new DistributedApplicationEventSubscription((e, token) => callback((T)e, token));
        lock (_gate)
            _subscriptions.Add((typeof(T), subscription));
        return subscription;
    }

    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent =>
        Subscribe<T>((e, token) => ReferenceEquals(e.Resource, resource) ? callback(e, token) : Task.CompletedTask);

    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        lock (_gate)
            _subscriptions.RemoveAll(s => s.Subscription == subscription);
    }

    public Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent =>
        PublishAsync(@event, EventDispatchBehavior.BlockingSequential, cancellationToken);

    public Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        List<DistributedApplicationEventSubscription> called;
        lock (_gate)
            called = [.. _subscriptions.Where(s => s.Event == typeof(T)).Select(s => s.Subscription)];

        Task Concurrent() => Task.WhenAll(called.Select(s => s.Callback(@event, cancellationToken)));
        async Task Sequential()
        {
            foreach (var subscription in called)
                await subscription.Callback(@event, cancellationToken);
        }

        switch (dispatchBehavior)
        {
            case EventDispatchBehavior.BlockingSequential: return Sequential();
            case EventDispatchBehavior.BlockingConcurrent: return Concurrent();
            case EventDispatchBehavior.NonBlockingSequential: _ = Task.Run(Sequential, cancellationToken); return Task.CompletedTask;
            default: _ = Task.Run(Concurrent, cancellationToken); return Task.CompletedTask;
        }
    }
}
