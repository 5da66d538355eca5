using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.LoadTest;

/// <summary>
/// Kestrel that answers every request with the same 2.5 KB and does nothing else: the most that a server of this kind can do on this machine at this
/// moment, which makes a ratio of any other measurement.
/// </summary>
internal static class ConstantServer
{
    public static Task<ChildServer> StartAsync(CancellationToken cancellationToken) => ChildServer.StartAsync("serve-constant", cancellationToken);

    /// <summary>What the child process runs.</summary>
    public static Task ServeAsync(Uri address, CancellationToken cancellationToken)
    {
        var body = new byte[2560];
        body.AsSpan().Fill((byte)'x');
        return ServeAsync(address, context =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body).AsTask();
        }, cancellationToken);
    }

    /// <summary>Kestrel with nothing before the answer: no routes, no middleware.</summary>
    public static async Task ServeAsync(Uri address, RequestDelegate answer, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address.ToString());
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        await using var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(cancellationToken);
        Console.WriteLine("ready");
        await app.WaitForShutdownAsync(cancellationToken);
    }
}
