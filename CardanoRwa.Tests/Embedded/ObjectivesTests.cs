using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Monitoring;
using CardanoRwa.Embedded.Terminal;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Embedded;

/// <summary>The machine's Prometheus in place of its container, and its answers on the dashboard in place of Grafana's.</summary>
public sealed class ObjectivesTests
{
    private const string Dashboard = """
        { "panels": [
          { "type": "row", "title": "Nothing" },
          { "type": "timeseries", "title": "A curve", "targets": [{ "expr": "up" }], "fieldConfig": { "defaults": { "thresholds": { "steps": [] } } } },
          { "type": "stat", "title": "Level", "targets": [{ "expr": "vector(0.7)" }, { "expr": "label_replace(vector(3), \"place\", \"b\", \"\", \"\")", "legendFormat": "in {{place}}" }],
            "fieldConfig": { "defaults": { "unit": "s", "thresholds": { "steps": [{ "color": "green", "value": null }, { "color": "yellow", "value": 0.5 }, { "color": "red", "value": 1 }] } } } },
          { "type": "gauge", "title": "Not yet", "targets": [{ "expr": "nothing_emits_this" }], "fieldConfig": { "defaults": { "unit": "percent", "thresholds": { "steps": [] } } } } ] }
        """;

    private const string Rules = """
        groups: [{ name: test, rules: [
          { alert: Firing, expr: vector(1), labels: { severity: page }, annotations: { summary: It burns } },
          { alert: Silent, expr: vector(1) > 2 } ] }]
        """;

    [Fact]
    public async Task Prometheus_starts_when_asked_and_its_numbers_and_alerts_are_told_with_the_dashboards_thresholds()
    {
        var folder = Directory.CreateTempSubdirectory("rwa-objectives-");
        var mount = folder.CreateSubdirectory("mount").FullName;
        await File.WriteAllTextAsync(Path.Combine(mount, "dashboard.json"), Dashboard);
        await File.WriteAllTextAsync(Path.Combine(mount, "slo-alerts.yml"), Rules);
        foreach (var file in (string[])["start.sh", "prometheus.yml"])
            File.Copy(Path.Combine(RepositoryRoot.Path, "k8s", "prometheus", file), Path.Combine(mount, file));
        await using (var app = await StartAsync(folder, mount))
        {
            using var client = new HttpClient { BaseAddress = app.Services.GetRequiredService<DashboardAddress>().Value };
            await app.ReachesAsync("grafana", KnownResourceStates.NotStarted);
            Assert.Contains("Start 'prometheus'", (await ReadAsync(client)).Hint, StringComparison.Ordinal);

            await app.ResourceCommands.ExecuteCommandAsync("prometheus", KnownResourceCommands.StartCommand);
            var seen = await UntilAsync(client, o => o.Alerts.Count > 0);

            Assert.Null(seen.Hint);
            Assert.Equal(["Level", "Not yet"], seen.Figures.Select(f => f.Title));
            Assert.Equal([new FigureValueView("", "700 ms", "wait"), new FigureValueView("in b", "3 s", "bad")], seen.Figures[0].Values);
            Assert.Empty(seen.Figures[1].Values);
            Assert.Equal(new AlertView("Firing", "firing", "page", "It burns"), Assert.Single(seen.Alerts));
            var endpoint = app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == "prometheus").Annotations.OfType<EndpointAnnotation>().Single();
            var targets = await client.GetStringAsync(new Uri($"{endpoint.AllocatedEndpoint!.UriString}/api/v1/targets"));
            Assert.Contains("\"http://api.example:81/metrics\"", targets, StringComparison.Ordinal);
            Assert.Contains("\"http://worker.example:82/metrics\"", targets, StringComparison.Ordinal);
        }
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(0.0123, "s", "12.3 ms")]
    [InlineData(4500, "s", "75 min")]
    [InlineData(0.999, "percentunit", "99.9 %")]
    [InlineData(3221225472, "bytes", "3 GiB")]
    public void Number_is_written_in_its_unit(double value, string unit, string expected) => Assert.Equal(expected, Quantity.Text(value, unit));

    private static async Task<DistributedApplication> StartAsync(DirectoryInfo folder, string mount)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = typeof(ObjectivesTests).Assembly.GetName().Name,
            ProjectDirectory = folder.FullName,
            Args = ["--ASPNETCORE_URLS=http://localhost:0", "--Embedded:RandomizePorts=true", $"--RWA_DATA_DIR={Path.Combine(folder.FullName, "data")}"],
        });
        builder.AddContainer("prometheus", PrometheusLauncher.Image).WithBindMount(mount, "/etc/prometheus", isReadOnly: true)
            .WithEntrypoint("/bin/sh").WithArgs("/etc/prometheus/start.sh")
            .WithEnvironment("API", "http://api.example:81").WithEnvironment("WORKER", "http://worker.example:82")
            .WithHttpEndpoint(targetPort: 9090).WithExplicitStart();
        builder.AddContainer("grafana", "grafana/grafana").WithBindMount(mount, "/var/lib/grafana/dashboards", isReadOnly: true).WithExplicitStart();
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }

    private static async Task<ObjectivesView> ReadAsync(HttpClient client) => (await client.GetFromJsonAsync<ObjectivesView>("api/objectives", JsonSerializerOptions.Web))!;

    private static async Task<ObjectivesView> UntilAsync(HttpClient client, Func<ObjectivesView, bool> condition)
    {
        using var patience = new CancellationTokenSource(Graph.Patience);
        while (true)
        {
            var seen = await ReadAsync(client);
            if (condition(seen))
                return seen;
            await Task.Delay(200, patience.Token);
        }
    }
}
