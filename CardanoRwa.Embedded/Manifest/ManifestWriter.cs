using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Manifest;

/// <summary>Writes an application model as a deployment manifest. Paths in it are relative to the file it goes to.</summary>
internal sealed partial class ManifestWriter(DistributedApplicationExecutionContext executionContext, string path, Utf8JsonWriter json)
{
    private readonly PublishedPorts _ports = new();
    private ManifestExpressions _expressions = new([]);

    public async Task WriteAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        _expressions = new ManifestExpressions(model.Resources);
        json.WriteStartObject();
        json.WriteStartObject("resources");
        foreach (var resource in model.Resources)
            await WriteAsync(resource, cancellationToken);
        foreach (var resource in _expressions.Referenced.Where(r => !model.Resources.TryGetByName(r.Name, out _)).ToList())
            await WriteAsync(resource, cancellationToken);
        foreach (var parameter in _expressions.Encoded.ToList())
            WriteEncoded(parameter);
        foreach (var conditional in _expressions.Conditionals)
        {
            json.WriteStartObject(conditional.Name!);
            json.WriteString("type", "value.v0");
            json.WriteString("connectionString", await conditional.GetValueAsync(cancellationToken) ?? "");
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private async Task WriteAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource.HasAnnotationOfType<ManifestExclusionAnnotation>())
            return;

        json.WriteStartObject(resource.Name);
        switch (resource)
        {
            case ContainerResource container: await WriteAsync(container, cancellationToken); break;
            case ProjectResource project: await WriteAsync(project, cancellationToken); break;
            case ExecutableResource executable: await WriteAsync(executable, cancellationToken); break;
            case ParameterResource parameter: Write(parameter); break;
            case IResourceWithConnectionString:
                json.WriteString("type", "value.v0");
                WriteConnectionString(resource);
                break;
            default: json.WriteString("error", "This resource does not support generation in the manifest."); break;
        }

        json.WriteEndObject();
        if (resource is ParameterResource written)
            WriteEncoded(written);
    }

    private async Task WriteAsync(ProjectResource project, CancellationToken cancellationToken)
    {
        json.WriteString("type", "project.v0");
        json.WriteString("path", Relative(project.GetProjectMetadata().ProjectPath));
        await WriteExecutionAsync(project, mounts: null, cancellationToken);
    }

    private async Task WriteAsync(ExecutableResource executable, CancellationToken cancellationToken)
    {
        json.WriteString("type", "executable.v0");
        WriteConnectionString(executable);
        json.WriteString("workingDirectory", Relative(executable.WorkingDirectory));
        json.WriteString("command", executable.Command);
        await WriteExecutionAsync(executable, mounts: null, cancellationToken);
    }

    private void Write(ParameterResource parameter)
    {
        json.WriteString("type", "parameter.v0");
        if (parameter.IsConnectionString)
            json.WriteString("connectionString", parameter.ValueExpression);
        json.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        json.WriteStartObject("inputs");
        json.WriteStartObject("value");
        json.WriteString("type", "string");
        if (parameter.Secret)
            json.WriteBoolean("secret", true);
        if (parameter.Default is { } standard)
            ManifestDefault.Write(json, standard);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteEncoded(ParameterResource parameter)
    {
        foreach (var (name, filter) in _expressions.TakeEncoded(parameter))
        {
            json.WriteStartObject(name);
            json.WriteString("type", "annotated.string");
            json.WriteString("value", parameter.ValueExpression);
            json.WriteString("filter", filter);
            json.WriteEndObject();
        }
    }

    private void WriteConnectionString(IResource resource)
    {
        if (resource is not IResourceWithConnectionString { ConnectionStringExpression: { } expression })
            return;
        _expressions.Follow(expression);
        json.WriteString("connectionString", _expressions.Text(expression));
    }

    private string Relative(string target) => Path.GetRelativePath(
        Path.GetDirectoryName(path)!, target.Replace('\\', Path.DirectorySeparatorChar)).Replace('\\', '/');
}
