using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Monitoring;

/// <summary>
/// The numbers of the graph's Grafana dashboards and the alerts that are on, asked of the graph's Prometheus, for a page to show where no
/// container engine runs Grafana. Thresholds stand in the dashboards alone.
/// </summary>
internal sealed class Objectives(DistributedApplicationModel model, ResourceNotificationService notifications, HttpClient client)
{
    private const string GrafanaImage = "grafana/grafana";

    private readonly IResource? _prometheus = model.Resources.FirstOrDefault(PrometheusLauncher.Runs);

    private readonly ImmutableArray<Panel> _panels = [.. model.Resources
        .Where(r => r.TryGetLastAnnotation<ContainerImageAnnotation>(out var image) && image.Image == GrafanaImage)
        .SelectMany(r => r.Annotations.OfType<ContainerMountAnnotation>())
        .Where(m => m.Type == ContainerMountType.BindMount && Directory.Exists(m.Source))
        .SelectMany(m => Panel.ReadAll(m.Source!))];

    /// <summary>Null where the graph has no Prometheus.</summary>
    public async Task<ObjectivesView?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_prometheus is null)
            return null;
        var name = _prometheus.Name;
        if (!notifications.TryGetCurrentState(name, out var now) || now.Snapshot.State?.Text != KnownResourceStates.Running)
            return new ObjectivesView($"Start '{name}' to see how the services do.", [], []);

        var address = new Uri(_prometheus.Annotations.OfType<EndpointAnnotation>().First().AllocatedEndpoint!.UriString);
        try
        {
            var figures = await Task.WhenAll(_panels.Select(panel => FigureAsync(address, panel, cancellationToken)));
            return new ObjectivesView(null, figures, await AlertsAsync(address, cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new ObjectivesView($"'{name}' does not answer yet.", [], []);
        }
    }

    private async Task<FigureView> FigureAsync(Uri prometheus, Panel panel, CancellationToken cancellationToken)
    {
        var values = new List<FigureValueView>();
        foreach (var (query, legend) in panel.Queries)
        {
            var text = query.Replace("$__rate_interval", "1m", StringComparison.Ordinal);
            var answer = await client.GetFromJsonAsync<JsonElement>(new Uri(prometheus, $"/api/v1/query?query={Uri.EscapeDataString(text)}"), cancellationToken);
            foreach (var series in answer.GetProperty("data").GetProperty("result").EnumerateArray())
            {
                var value = double.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
                if (!double.IsNaN(value))
                    values.Add(new FigureValueView(Label(legend, series.GetProperty("metric")), Quantity.Text(value, panel.Unit), panel.Tone(value)));
            }
        }

        return new FigureView(panel.Title, values);
    }

    private async Task<IReadOnlyList<AlertView>> AlertsAsync(Uri prometheus, CancellationToken cancellationToken)
    {
        var answer = await client.GetFromJsonAsync<JsonElement>(new Uri(prometheus, "/api/v1/alerts"), cancellationToken);
        return
        [
            .. answer.GetProperty("data").GetProperty("alerts").EnumerateArray()
                .Select(alert => new AlertView(
                    Part(alert, "labels", "alertname"), alert.GetProperty("state").GetString()!, Part(alert, "labels", "severity"), Part(alert, "annotations", "summary")))
                .OrderBy(alert => alert.State, StringComparer.Ordinal).ThenBy(alert => alert.Name, StringComparer.Ordinal),
        ];
    }

    private static string Part(JsonElement alert, string group, string name) =>
        alert.GetProperty(group).TryGetProperty(name, out var part) ? part.GetString()! : "";

    private static string Label(string? legend, JsonElement metric) => metric.EnumerateObject()
        .Aggregate(legend ?? "", (text, label) => text.Replace($"{{{{{label.Name}}}}}", label.Value.GetString(), StringComparison.Ordinal));
}

/// <param name="Hint">Why there is nothing to show, if so.</param>
internal sealed record ObjectivesView(string? Hint, IReadOnlyList<FigureView> Figures, IReadOnlyList<AlertView> Alerts);

internal sealed record FigureView(string Title, IReadOnlyList<FigureValueView> Values);

internal sealed record FigureValueView(string Label, string Text, string Tone);

internal sealed record AlertView(string Name, string State, string Severity, string Summary);
