/// <summary>Prometheus with the rules and Grafana with the dashboard of this repository, beside the graph. They start when somebody asks for them on the graph's dashboard.</summary>
internal static class Monitoring
{
    public static void AddMonitoring(this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> api, IResourceBuilder<ProjectResource> worker)
    {
        var prometheus = builder.AddContainer("prometheus", "prom/prometheus", "v3.5.0")
            .WithBindMount("../k8s/prometheus", "/etc/prometheus", isReadOnly: true)
            .WithEntrypoint("/bin/sh")
            .WithArgs("/etc/prometheus/start.sh")
            .WithEnvironment("API", api.GetEndpoint("http"))
            .WithEnvironment("WORKER", worker.GetEndpoint("http"))
            .WithHttpEndpoint(targetPort: 9090)
            .WithExplicitStart();

        builder.AddContainer("grafana", "grafana/grafana", "12.1.1")
            .WithBindMount("../k8s/grafana/provisioning", "/etc/grafana/provisioning", isReadOnly: true)
            .WithBindMount("../k8s/grafana", "/var/lib/grafana/dashboards", isReadOnly: true)
            .WithEnvironment("PROMETHEUS", prometheus.GetEndpoint("http"))
            .WithEnvironment("GF_AUTH_ANONYMOUS_ENABLED", "true")
            .WithEnvironment("GF_AUTH_DISABLE_LOGIN_FORM", "true")
            .WithEnvironment("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", "/var/lib/grafana/dashboards/slo-dashboard.json")
            .WithHttpEndpoint(targetPort: 3000)
            .WithExplicitStart();
    }
}
