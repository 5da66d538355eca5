using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Manifest;

/// <summary>The ports of a published graph: those that were given, and for the rest distinct ones from 8000 up, the same in every run.</summary>
internal sealed class PublishedPorts
{
    private readonly HashSet<int> _used = [];
    private int _next = 8000;

    public IEnumerable<(EndpointAnnotation Endpoint, int? Port, int? TargetPort)> Resolve(IResource resource)
    {
        var schemes = new HashSet<string>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var port = Given(endpoint.Port);
            var target = Given(endpoint.TargetPort) ?? resource switch
            {
                ContainerResource when port is not null => port,

                // The platform tells a web project where to listen, once for each scheme.
                ProjectResource when endpoint.UriScheme is "http" or "https" && schemes.Add(endpoint.UriScheme) => null,
                _ => Free(),
            };
            schemes.Add(endpoint.UriScheme);
            Use(port);
            Use(target);
            yield return (endpoint, port == target ? null : port, target);
        }
    }

    // Zero asks for any port, which is what saying nothing asks for.
    private static int? Given(int? port) => port is 0 ? null : port;

    private int Free()
    {
        while (_used.Contains(_next))
            _next++;
        return _next;
    }

    private void Use(int? port)
    {
        if (port is { } number)
            _used.Add(number);
    }
}
