using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Embedded;

/// <summary>A small graph made in a test, started and awaited.</summary>
internal static class Graph
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<DistributedApplication> StartAsync(Action<IDistributedApplicationTestingBuilder> add, params string[] args)
    {
        var builder = DistributedApplicationTestingBuilder.Create(args);
        add(builder);
        var app = await builder.BuildAsync();
        try
        {
            await app.StartAsync().WaitAsync(Patience);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public static IResourceBuilder<ExecutableResource> AddShell(this IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "/bin/sh", ".", "-c", script);

    public static Task<ResourceEvent> HealthyAsync(this DistributedApplication app, string resource) =>
        app.ResourceNotifications.WaitForResourceHealthyAsync(resource).WaitAsync(Patience);

    public static async Task<CustomResourceSnapshot> ReachesAsync(this DistributedApplication app, string resource, params string[] states)
    {
        var reached = await app.ResourceNotifications.WaitForResourceAsync(resource, e => states.Contains(e.Snapshot.State?.Text)).WaitAsync(Patience);
        return reached.Snapshot;
    }

    public static IReadOnlyList<string> Lines(this DistributedApplication app, string resource) =>
        [.. app.Services.GetRequiredService<ResourceLoggerService>().Last(resource, 1000).Select(l => l.Content)];

    public static async Task<IReadOnlyList<string>> LinesAsync(this DistributedApplication app, string resource, Func<IReadOnlyList<string>, bool> enough)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (!enough(app.Lines(resource)))
            await Task.Delay(20, timeout.Token);
        return app.Lines(resource);
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (!condition())
            await Task.Delay(20, timeout.Token);
    }
}
