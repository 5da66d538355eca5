using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Tests.Webhooks;

/// <summary>What a receiver heard: headers and body.</summary>
internal sealed record Heard(string Path, string Signature, Guid EventId, string EventType, string Body);

/// <summary>A receiver on Kestrel that answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Heard> _heard = new();

    private Receiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();
    public IReadOnlyList<Heard> All => [.. _heard];

    /// <summary>What to do with a request that was heard; by default 200.</summary>
    public Func<HttpContext, Heard, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new Receiver(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var headers = context.Request.Headers;
            var heard = new Heard(context.Request.Path, headers["Rwa-Signature"].ToString(), Guid.Parse(headers["Rwa-Event-Id"].ToString()), headers["Rwa-Event-Type"].ToString(), await reader.ReadToEndAsync());
            receiver._heard.Enqueue(heard);
            await receiver.Answer(context, heard);
        });
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
