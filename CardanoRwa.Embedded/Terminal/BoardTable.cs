using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Spectre.Console;

namespace CardanoRwa.Embedded.Terminal;

/// <summary>One row for each process of the graph.</summary>
internal sealed class BoardTable(DistributedApplicationModel model, ResourceNotificationService notifications)
{
    private static readonly string[] Colours = ["aqua", "lime", "yellow", "fuchsia", "dodgerblue1", "orange1", "springgreen2", "plum2"];

    public int NameWidth => Math.Max("host".Length, model.Resources.Select(r => r.Name.Length).DefaultIfEmpty().Max());

    public string ColourOf(string source)
    {
        var index = model.Resources.Select(r => r.Name).ToList().FindIndex(n => source == n || source.StartsWith(n + "-", StringComparison.Ordinal));
        return index < 0 ? "grey" : Colours[index % Colours.Length];
    }

    public Table Render()
    {
        var table = new Table { Border = TableBorder.Rounded }.AddColumns("resource", "state", "health", "url");
        foreach (var resource in model.Resources.Where(r => r is not ParameterResource))
        {
            foreach (var id in ResourceNotificationService.InstanceIds(resource))
            {
                if (!notifications.TryGetCurrentState(id, out var now))
                    continue;
                var snapshot = now.Snapshot;
                table.AddRow(
                    $"[{ColourOf(resource.Name)}]{Markup.Escape(id)}[/]",
                    State(snapshot),
                    Health(snapshot),
                    Markup.Escape(string.Join(" ", snapshot.Urls.Select(u => u.IsInternal ? new Uri(u.Url).Authority : u.Url))));
            }
        }

        return table;
    }

    private static string State(CustomResourceSnapshot snapshot)
    {
        var text = snapshot.State?.Text ?? "";
        var code = snapshot.ExitCode is { } exit and not 0 ? $" ({exit})" : "";
        return text == KnownResourceStates.Running ? $"[green]{text}[/]"
            : text == KnownResourceStates.FailedToStart || code.Length > 0 ? $"[red]{text}{code}[/]"
            : $"[grey]{text}[/]";
    }

    private static string Health(CustomResourceSnapshot snapshot) => snapshot.HealthStatus switch
    {
        HealthStatus.Healthy => "[green]healthy[/]",
        null => "",
        _ when snapshot.HealthReports.Any(r => r.Status is null) => "[grey]...[/]",
        _ => "[red]unhealthy[/]",
    };
}
