using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Manifest;

internal sealed partial class ManifestWriter
{
    private async Task WriteAsync(ContainerResource container, CancellationToken cancellationToken)
    {
        if (container.TryGetLastAnnotation<DockerfileBuildAnnotation>(out var build))
        {
            json.WriteString("type", "container.v1");
            WriteConnectionString(container);
            Write(build);
        }
        else
        {
            json.WriteString("type", "container.v0");
            WriteConnectionString(container);
            json.WriteString("image", container.TryGetContainerImageName(out var image)
                ? image
                : throw new DistributedApplicationException($"The resource '{container.Name}' has no container image to publish."));
        }

        if (container.Entrypoint is not null)
            json.WriteString("entrypoint", container.Entrypoint);
        await WriteExecutionAsync(container, () => WriteMounts(container), cancellationToken);
    }

    private void Write(DockerfileBuildAnnotation build)
    {
        json.WriteStartObject("build");
        json.WriteString("context", Relative(build.ContextPath));
        json.WriteString("dockerfile", Relative(build.DockerfilePath));
        if (build.Stage is not null)
            json.WriteString("stage", build.Stage);
        if (build.BuildArguments.Count > 0)
        {
            json.WriteStartObject("args");
            foreach (var (name, value) in build.BuildArguments)
                json.WriteString(name, BuildValue(value));
            json.WriteEndObject();
        }

        if (build.BuildSecrets.Count > 0)
        {
            json.WriteStartObject("secrets");
            foreach (var (name, value) in build.BuildSecrets)
            {
                var file = value as FileInfo;
                json.WriteStartObject(name);
                json.WriteString("type", file is null ? "env" : "file");
                json.WriteString(file is null ? "value" : "source", file is null ? BuildValue(value) : Relative(file.FullName));
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // Null stays null: the build then takes the argument from its own environment.
    private string? BuildValue(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        IManifestExpressionProvider provider => _expressions.Text(provider, provider.ValueExpression),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private void WriteMounts(ContainerResource container)
    {
        var mounts = container.Annotations.OfType<ContainerMountAnnotation>().ToLookup(m => m.Type);
        WriteMounts("bindMounts", "source", mounts[ContainerMountType.BindMount], Relative);
        WriteMounts("volumes", "name", mounts[ContainerMountType.Volume], name => name);
    }

    private void WriteMounts(string property, string sourceProperty, IEnumerable<ContainerMountAnnotation> mounts, Func<string, string> source)
    {
        if (!mounts.Any())
            return;

        json.WriteStartArray(property);
        foreach (var mount in mounts)
        {
            json.WriteStartObject();
            if (mount.Source is not null)
                json.WriteString(sourceProperty, source(mount.Source));
            json.WriteString("target", mount.Type == ContainerMountType.BindMount ? mount.Target.Replace('\\', '/') : mount.Target);
            json.WriteBoolean("readOnly", mount.IsReadOnly);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
