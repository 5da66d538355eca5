using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>What every project is told through its environment, besides what the graph says.</summary>
internal static class ProjectEnvironment
{
    public static void Add(IResourceBuilder<ProjectResource> project)
    {
        var builder = project.ApplicationBuilder;
        project.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
        if (builder.ExecutionContext.IsPublishMode)
        {
            project.WithEnvironment(AddPorts);
            return;
        }

        if (builder.Environment.IsDevelopment())
        {
            project.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true");
            project.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "true");
        }

        project.WithEnvironment(context => AddTelemetryAsync(context, builder.Configuration, builder.Environment.IsDevelopment()));
        project.WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "simple");
        project.WithEnvironment("LOGGING__CONSOLE__FORMATTEROPTIONS__TIMESTAMPFORMAT", "yyyy-MM-ddTHH:mm:ss.fffffff ");
        project.WithEnvironment(AddUrls);
    }

    public static void AddProfile(IResourceBuilder<ProjectResource> project, string name, LaunchProfile profile) => project.WithEnvironment(context =>
    {
        context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", name);
        foreach (var (variable, value) in profile.EnvironmentVariables)
            context.EnvironmentVariables.TryAdd(variable, System.Environment.ExpandEnvironmentVariables(value));
    });

    private static async Task AddTelemetryAsync(EnvironmentCallbackContext context, ConfigurationManager configuration, bool development)
    {
        var variables = context.EnvironmentVariables;
        if ((configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] ?? configuration["DASHBOARD_OTLP_ENDPOINT_URL"]) is { } endpoint
            && await AnswersAsync(endpoint, context.CancellationToken))
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
        }

        variables["OTEL_SERVICE_NAME"] = context.Resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={RunTokens.InstanceId}";
        if (configuration["AppHost:OtlpApiKey"] is { } key)
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
        if (!development)
            return;

        foreach (var delay in new[] { "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL" })
            variables[delay] = "1000";
        // Without anyone to send them to, spans would be made for every request only to be thrown away.
        if (variables.ContainsKey("OTEL_EXPORTER_OTLP_ENDPOINT"))
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
        variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }

    // The embedded host has no collector of its own. An exporter told of one that is not there would try until its process is killed.
    private static async Task<bool> AnswersAsync(string endpoint, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromMilliseconds(500));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(new Uri(endpoint).Host, new Uri(endpoint).Port, timeout.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or UriFormatException or OperationCanceledException)
        {
            return false;
        }
    }

    private static void AddUrls(EnvironmentCallbackContext context)
    {
        var endpoints = WebEndpoints(context);
        if (endpoints.Count == 0 || context.EnvironmentVariables.ContainsKey("ASPNETCORE_URLS"))
            return;

        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in endpoints)
        {
            if (!urls.IsEmpty)
                urls.AppendLiteral(";");
            urls.Append($"{endpoint.Property(EndpointProperty.Scheme)}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        context.EnvironmentVariables["ASPNETCORE_URLS"] = urls.Build();
        if (endpoints.FirstOrDefault(e => e.IsHttps) is { } https)
            context.EnvironmentVariables["ASPNETCORE_HTTPS_PORT"] = https.Property(EndpointProperty.Port);
    }

    private static void AddPorts(EnvironmentCallbackContext context)
    {
        var endpoints = WebEndpoints(context);
        if (endpoints.Count > 0 && !context.Resource.HasAnnotationOfType<DisableForwardedHeadersAnnotation>())
            context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";

        foreach (var scheme in new[] { "http", "https" })
        {
            var ports = new ReferenceExpressionBuilder();
            foreach (var endpoint in endpoints.Where(e => e.Scheme == scheme && !e.EndpointAnnotation.IsDefaultHttps))
            {
                if (!ports.IsEmpty)
                    ports.AppendLiteral(";");
                ports.Append($"{endpoint.Property(EndpointProperty.TargetPort)}");
            }

            if (!ports.IsEmpty)
                context.EnvironmentVariables.TryAdd($"{scheme.ToUpperInvariant()}_PORTS", ports.Build());
        }
    }

    private static List<EndpointReference> WebEndpoints(EnvironmentCallbackContext context) =>
        [.. ((ProjectResource)context.Resource).GetEndpoints().Where(e => e.Scheme is "http" or "https")];
}
