using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;

namespace CardanoRwa.ServiceDefaults.Metrics;

/// <summary>
/// Adds the metrics port to the addresses of the server. The pipeline is built after the host has read its addresses from the configuration and
/// before the server binds them: any earlier, and a port of our own would take the place of ASPNETCORE_URLS or HTTP_PORTS.
/// Where the section <c>Kestrel:Endpoints</c> is used, Kestrel heeds nothing else: give the port an endpoint there.
/// </summary>
internal sealed class MetricsPortFilter(IConfiguration configuration) : IStartupFilter
{
    private const string KestrelDefault = "http://localhost:5000";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (MetricsEndpoint.Port(configuration) is { } port && app.ServerFeatures.Get<IServerAddressesFeature>()?.Addresses is { IsReadOnly: false } addresses)
        {
            if (addresses.Count == 0)
            {
                addresses.Add(KestrelDefault);
            }

            if (!addresses.Any(address => address.EndsWith($":{port}", StringComparison.Ordinal)))
            {
                addresses.Add($"http://+:{port}");
            }
        }

        next(app);
    };
}
