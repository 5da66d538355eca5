using System.Net;
using System.Net.Sockets;

namespace CardanoRwa.Core.Webhooks;

/// <summary>Which addresses are out on the internet: not this machine, its network, a cloud's metadata, or a way round to those (IANA special-purpose registries).</summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] Closed4 = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32"); // Azure's wire server: a public number that is the host next door

    // Of version 6 only the global unicast range is open at all, without tunnels that lead to a version 4 address and without documentation.
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] Closed6 = Parse("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Closed4.Any(n => n.Contains(address))
            : Global6.Contains(address) && !Closed6.Any(n => n.Contains(address));
    }

    private static IPNetwork[] Parse(params string[] networks) => [.. networks.Select(n => IPNetwork.Parse(n))];
}
