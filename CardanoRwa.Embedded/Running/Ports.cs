using System.Net;
using System.Net.Sockets;

namespace CardanoRwa.Embedded.Running;

/// <summary>Free ports of the loopback interfaces.</summary>
internal static class Ports
{
    // Below what systems hand out for outgoing connections (from 32768 on Linux): one of those cannot take the port before its process does.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    private static readonly HashSet<int> Given = [];

    public static int Free()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(Lowest, Highest);
                if (IsFree(port) && Given.Add(port))
                    return port;
            }
        }
    }

    public static void GiveBack(IEnumerable<int> ports)
    {
        lock (Given)
            Given.ExceptWith(ports);
    }

    public static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    private static bool CanBind(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException e)
        {
            // A machine may have IPv6 compiled in and no ::1.
            return e.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }
}
