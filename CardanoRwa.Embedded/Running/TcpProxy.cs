using System.Net;
using System.Net.Sockets;

namespace CardanoRwa.Embedded.Running;

/// <summary>Spreads connections over the replicas that accept them, one after the other.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpListener> _listeners = [];
    private readonly IReadOnlyList<int> _targets;
    private int _next;

    public TcpProxy(int port, IReadOnlyList<int> targets)
    {
        _targets = targets;
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            var listener = new TcpListener(address, port);
            try
            {
                listener.Start();
            }
            catch (SocketException) when (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                continue;
            }

            _listeners.Add(listener);
            _ = AcceptAsync(listener);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var listener in _listeners)
            listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(_stop.Token), _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                using var target = await ConnectAsync(cancellationToken);
                if (target is null)
                    return;

                client.NoDelay = target.NoDelay = true;
                await Task.WhenAll(
                    CopyAsync(client.Client, target.Client, cancellationToken),
                    CopyAsync(target.Client, client.Client, cancellationToken));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Either side hung up; closing both tells the other.
            }
        }
    }

    private async Task<TcpClient?> ConnectAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _targets.Count; i++)
        {
            var port = _targets[(int)((uint)Interlocked.Increment(ref _next) % _targets.Count)];
            var target = new TcpClient();
            try
            {
                await target.ConnectAsync("localhost", port, cancellationToken);
                return target;
            }
            catch (SocketException)
            {
                target.Dispose();
            }
        }

        return null;
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[32 * 1024];
        while (await from.ReceiveAsync(buffer, cancellationToken) is var count and > 0)
            await to.SendAsync(buffer.AsMemory(0, count), cancellationToken);

        // One direction may end long before the other: a request is over, its answer still flows.
        to.Shutdown(SocketShutdown.Send);
    }
}
