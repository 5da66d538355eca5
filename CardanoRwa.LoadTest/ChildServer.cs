using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CardanoRwa.LoadTest;

/// <summary>One of this program's own servers as a process of its own, as what it stands beside.</summary>
internal sealed class ChildServer : IAsyncDisposable
{
    private readonly Process _process;

    private ChildServer(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <param name="verb">serve-constant or serve-raw.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task<ChildServer> StartAsync(string verb, CancellationToken cancellationToken)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ChildServer).Assembly.Location, verb, $"http://127.0.0.1:{port}"]) { RedirectStandardOutput = true };
        // As the Api runs; the runner itself does not.
        start.Environment["DOTNET_gcServer"] = "1";
        start.Environment["DOTNET_gcConcurrent"] = "1";
        var process = Process.Start(start)!;
        if (await process.StandardOutput.ReadLineAsync(cancellationToken) != "ready")
        {
            process.Kill();
            throw new InvalidDataException($"'{verb}' did not start.");
        }
        return new ChildServer(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
