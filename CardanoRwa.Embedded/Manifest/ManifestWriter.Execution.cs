using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Manifest;

internal sealed partial class ManifestWriter
{
    /// <summary>What everything that runs has, in the order a manifest keeps: arguments, mounts, environment, endpoints.</summary>
    private async Task WriteExecutionAsync(IResource resource, Action? mounts, CancellationToken cancellationToken)
    {
        var arguments = await ExecutionConfigurationBuilder.Create(resource)
            .WithArgumentsConfig()
            .BuildAsync(executionContext, cancellationToken: cancellationToken);
        if (arguments.ArgumentsWithUnprocessed.Any())
        {
            json.WriteStartArray("args");
            foreach (var (unprocessed, processed, _) in arguments.ArgumentsWithUnprocessed)
                json.WriteStringValue(_expressions.Text(unprocessed, processed));
            json.WriteEndArray();
        }

        mounts?.Invoke();

        var environment = await ExecutionConfigurationBuilder.Create(resource)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(executionContext, cancellationToken: cancellationToken);
        if (environment.EnvironmentVariablesWithUnprocessed.Any())
        {
            json.WriteStartObject("env");
            foreach (var (name, (unprocessed, processed)) in environment.EnvironmentVariablesWithUnprocessed)
                json.WriteString(name, _expressions.Text(unprocessed, processed));
            json.WriteEndObject();
        }

        WriteBindings(resource);
    }

    private void WriteBindings(IResource resource)
    {
        var bindings = _ports.Resolve(resource).ToList();
        if (bindings.Count == 0)
            return;

        json.WriteStartObject("bindings");
        foreach (var (endpoint, port, targetPort) in bindings)
        {
            json.WriteStartObject(endpoint.Name);
            json.WriteString("scheme", endpoint.UriScheme);
            json.WriteString("protocol", endpoint.Protocol.ToString().ToLowerInvariant());
            json.WriteString("transport", endpoint.Transport);
            if (port is not null)
                json.WriteNumber("port", port.Value);
            if (targetPort is not null)
                json.WriteNumber("targetPort", targetPort.Value);
            if (endpoint.IsExternal)
                json.WriteBoolean("external", true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
