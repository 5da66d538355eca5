using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Monitoring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace CardanoRwa.Embedded.Dashboard;

/// <summary>What the page's requests need. They end with the host, which would otherwise wait for pages that listen.</summary>
internal sealed record DashboardServices(
    string ApplicationName, ResourceBook Resources, LogFeed Logs, Objectives Objectives, ResourceCommandService Commands, CancellationToken Stopping)
{
    /// <summary>Tells one run of the host from the next.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N");
}

internal static class DashboardEndpoints
{
    public static void MapDashboard(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => PageFile("index.html"));
        routes.MapGet("/{file}", PageFile);
        routes.MapGet("/api/application", Application);
        routes.MapGet("/api/resources", (DashboardServices dashboard) => dashboard.Resources.Current());
        routes.MapGet("/api/resources/events", ResourceEvents);
        routes.MapGet("/api/resources/{id}/environment", ResourceEnvironment);
        routes.MapPost("/api/resources/{id}/{command}", ExecuteAsync);
        routes.MapGet("/api/objectives", ObjectivesAsync);
        routes.MapGet("/api/logs", Logs);
    }

    private static Results<FileStreamHttpResult, NotFound> PageFile(string file) =>
        typeof(DashboardEndpoints).Assembly.GetManifestResourceStream($"Dashboard/{file}") is { } content
            ? TypedResults.Stream(content, Path.GetExtension(file) switch
            {
                ".html" => "text/html; charset=utf-8",
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                _ => "image/svg+xml",
            })
            : TypedResults.NotFound();

    private static ApplicationView Application(DashboardServices dashboard) => new(dashboard.ApplicationName, dashboard.Run);

    private static ServerSentEventsResult<IReadOnlyList<ResourceView>> ResourceEvents(DashboardServices dashboard, CancellationToken cancellationToken)
    {
        return TypedResults.ServerSentEvents(EventsAsync(), eventType: "resources");

        async IAsyncEnumerable<IReadOnlyList<ResourceView>> EventsAsync()
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, dashboard.Stopping);
            await foreach (var resources in UntilCancelled(dashboard.Resources.WatchAsync(ending.Token), ending.Token))
                yield return resources;
        }
    }

    private static Results<Ok<IReadOnlyList<VariableView>>, NotFound> ResourceEnvironment(string id, DashboardServices dashboard) =>
        dashboard.Resources.EnvironmentOf(id) is { } variables ? TypedResults.Ok(variables) : TypedResults.NotFound();

    private static async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(string id, string command, DashboardServices dashboard)
    {
        // Not the request's token: half a restart because a page was closed is no restart.
        var result = await dashboard.Commands.ExecuteCommandAsync(id, command, dashboard.Stopping);
        return result.Success ? TypedResults.NoContent() : TypedResults.Problem(result.Message, statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<ObjectivesView>, NoContent>> ObjectivesAsync(DashboardServices dashboard, CancellationToken cancellationToken) =>
        await dashboard.Objectives.ReadAsync(cancellationToken) is { } objectives ? TypedResults.Ok(objectives) : TypedResults.NoContent();

    private static ServerSentEventsResult<IReadOnlyList<LogEntry>> Logs(
        HttpRequest request, DashboardServices dashboard, CancellationToken cancellationToken, string? resource = null)
    {
        // A browser that reconnects says which entry it saw last; one of another run counts for nothing here.
        var after = request.Headers["Last-Event-ID"].ToString().Split('/') is [var run, var last] && run == dashboard.Run
            && long.TryParse(last, CultureInfo.InvariantCulture, out var id) ? id : 0;
        return TypedResults.ServerSentEvents(EventsAsync());

        async IAsyncEnumerable<SseItem<IReadOnlyList<LogEntry>>> EventsAsync()
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, dashboard.Stopping);
            await foreach (var entries in UntilCancelled(dashboard.Logs.WatchAsync(resource, after, ending.Token), ending.Token))
                yield return new SseItem<IReadOnlyList<LogEntry>>(entries, "lines") { EventId = $"{dashboard.Run}/{entries[^1].Id}" };
        }
    }

    // An ended stream is no failed request.
    private static async IAsyncEnumerable<T> UntilCancelled<T>(IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = items.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await reader.MoveNextAsync())
                    yield break;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                yield break;
            }

            yield return reader.Current;
        }
    }
}

internal sealed record ApplicationView(string Name, string Run);
