using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Running;

/// <summary>
/// Stand-ins for what differs between the replicas of one resource. Environment and arguments are worked out once for a resource,
/// and each replica's own values are put in when its process starts.
/// </summary>
internal static class RunTokens
{
    public const string InstanceId = "{{rwa:instance}}";

    public static string TargetPort(EndpointAnnotation endpoint) => $"{{{{rwa:port:{endpoint.Name}}}}}";
}
