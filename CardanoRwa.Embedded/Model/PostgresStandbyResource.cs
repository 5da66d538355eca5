namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The second server of a Postgres that runs as a pair. The embedded host's own: in Aspire's graph a container has no standby, and where
/// the platform is deployed a cluster manager keeps them.
/// </summary>
internal sealed class PostgresStandbyResource(string name, PostgresServerResource first) : ContainerResource(name)
{
    public PostgresServerResource First { get; } = first;

    public EndpointReference Endpoint => new(this, PostgresServerResource.PrimaryEndpointName);
}
