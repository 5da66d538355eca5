using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.LoadTest;

/// <summary>
/// Kestrel that answers every request with the same 2.5 KB and does nothing else: the most that a server of this kind can do on this machine at this
/// moment, which makes a ratio of any other measurement.
/// </summary>
internal sealed class ConstantServer : IAsyncDisposable
{
    private readonly Process _process;

    private ConstantServer(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Starts it as a process of its own, as what it stands beside.</summary>
    public static async Task<ConstantServer> StartAsync(CancellationToken cancellationToken)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(ConstantServer).Assembly.Location, "serve-constant", $"http://127.0.0.1:{port}"]) { RedirectStandardOutput = true })!;
        if (await process.StandardOutput.ReadLineAsync(cancellationToken) != "ready")
        {
            process.Kill();
            throw new InvalidDataException("The constant server did not start.");
        }
        return new ConstantServer(process, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>What the child process runs.</summary>
    public static async Task ServeAsync(Uri address, CancellationToken cancellationToken)
    {
        var body = new byte[2560];
        body.AsSpan().Fill((byte)'x');
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address.ToString());
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        await using var app = builder.Build();
        app.Run(context =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body).AsTask();
        });
        await app.StartAsync(cancellationToken);
        Console.WriteLine("ready");
        await app.WaitForShutdownAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
