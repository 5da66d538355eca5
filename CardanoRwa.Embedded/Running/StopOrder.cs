using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Running;

internal static class StopOrder
{
    /// <summary>Stops each resource once everything that waited for it is down, all others at the same time.</summary>
    public static Task StopAsync(IReadOnlyDictionary<IResource, List<Instance>> instances)
    {
        var stops = new Dictionary<IResource, Task>();
        return Task.WhenAll(instances.Keys.Select(r => StopAsync(r, instances, stops, [])));
    }

    private static Task StopAsync(IResource resource, IReadOnlyDictionary<IResource, List<Instance>> instances, Dictionary<IResource, Task> stops, HashSet<IResource> path)
    {
        if (stops.TryGetValue(resource, out var stopping))
            return stopping;
        if (!path.Add(resource))
            return Task.CompletedTask;

        // Commits may wait for a standby: it goes no earlier than its primary may.
        var waitedFor = resource is PostgresStandbyResource { First: var first } ? first : resource;
        var dependents = instances.Keys.Where(r => r.Annotations.OfType<WaitAnnotation>().Any(w => Process(w.Resource) == waitedFor));
        var before = dependents.Select(d => StopAsync(d, instances, stops, path)).ToList();
        path.Remove(resource);
        return stops[resource] = StopAfterAsync(before, instances[resource]);
    }

    private static async Task StopAfterAsync(IEnumerable<Task> before, IEnumerable<Instance> instances)
    {
        await Task.WhenAll(before);
        await Task.WhenAll(instances.Select(i => i.StopAsync()));
    }

    // A database is not a process; its server is.
    private static IResource Process(IResource resource) => resource is IResourceWithParent { Parent: var parent } ? Process(parent) : resource;
}
