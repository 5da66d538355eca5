using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Running;

/// <summary>
/// Chooses every port before anything starts. One process binds its endpoint's port itself; a proxy stands before several replicas,
/// or where what others use differs from what the process binds.
/// </summary>
internal sealed class PortPlan(DistributedApplicationModel model, bool randomize)
{
    private readonly List<int> _chosen = [];

    public List<(EndpointAnnotation Endpoint, IReadOnlyList<int> Targets)> Proxies { get; } = [];

    public Dictionary<IResource, IReadOnlyList<Replica>> Replicas { get; } = [];

    public void Make()
    {
        var taken = new Dictionary<int, string>();
        foreach (var resource in model.Resources)
        {
            var ids = ResourceNotificationService.InstanceIds(resource);
            var ports = ids.Select(_ => new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase)).ToList();
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
                Plan(resource, endpoint, ports, taken);
            Replicas[resource] = [.. ids.Select((id, i) => new Replica(resource, id, ports[i]))];
        }
    }

    public void GiveBack() => Ports.GiveBack(_chosen);

    private void Plan(IResource resource, EndpointAnnotation endpoint, List<Dictionary<string, int>> replicas, Dictionary<int, string> taken)
    {
        // What a container listens on inside itself is nobody's port out here: its stand-in binds the public one.
        var fixedTarget = resource.IsContainer() ? null : endpoint.TargetPort;
        if (replicas.Count > 1 && (fixedTarget is not null || !endpoint.IsProxied))
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' has {replicas.Count} replicas, and its endpoint '{endpoint.Name}' fixes the port they listen on. Leave out targetPort and isProxied.");
        }

        var name = $"'{resource.Name}' (endpoint {endpoint.Name})";
        var publicPort = randomize && endpoint.IsProxied ? Free() : Claimed(endpoint.Port ?? fixedTarget, name, taken);
        if (replicas.Count == 1)
        {
            var target = fixedTarget is { } port && port != publicPort && !(randomize && endpoint.Port is null) ? Claimed(port, name, taken) : fixedTarget ?? publicPort;
            replicas[0][endpoint.Name] = target;
            if (target != publicPort)
                Proxies.Add((endpoint, [target]));
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", publicPort);
            return;
        }

        foreach (var replica in replicas)
            replica[endpoint.Name] = Free();
        Proxies.Add((endpoint, [.. replicas.Select(r => r[endpoint.Name])]));
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", publicPort, RunTokens.TargetPort(endpoint));
    }

    private int Claimed(int? wanted, string name, Dictionary<int, string> taken)
    {
        if (wanted is not { } port)
            return Free();
        if (taken.TryGetValue(port, out var other))
            throw new DistributedApplicationException($"{other} and {name} are both given port {port}. Change one of them.");
        if (!Ports.IsFree(port))
        {
            var owner = PortOwner.Find(port);
            throw new DistributedApplicationException(
                $"Port {port} of {name} is in use{(owner is null ? "" : $" by {owner}")}. "
                + (owner is null ? "Find out by whom (lsof -i :" + port + ", or netstat -ano on Windows) and stop it" : "Stop it")
                + ", or choose another port (applicationUrl in Properties/launchSettings.json, or the port given in AppHost.cs).");
        }

        taken[port] = name;
        return port;
    }

    private int Free()
    {
        var port = Ports.Free();
        _chosen.Add(port);
        return port;
    }
}
