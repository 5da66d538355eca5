using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Monitoring;

/// <summary>The machine's own Prometheus in place of its container: same entry point, same arguments, with what is mounted where it lies.</summary>
internal sealed class PrometheusLauncher(ContainerResource resource, DistributedApplicationExecutionContext context, RunFolder run, ILogger logger) : Launcher
{
    public const string Image = "prom/prometheus";

    private const string Program = "prometheus";

    public static bool Runs(IResource resource) =>
        resource is ContainerResource && resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image) && image.Image == Image;

    // Only when somebody starts it: the graph does without.
    public override async Task<ProcessSpec> PrepareAsync(Replica replica, CancellationToken cancellationToken)
    {
        if (ExecutableSearch.OnPath(Program) is not { } program)
            throw new DistributedApplicationException("Prometheus is not installed. Debian and Ubuntu: apt-get install -y prometheus (and systemctl disable --now prometheus, as this one is the graph's own).");

        var configuration = await ExecutionConfigurationBuilder.Create(resource).WithArgumentsConfig().WithEnvironmentVariablesConfig()
            .BuildAsync(context, logger, cancellationToken);
        var folder = Path.Combine(run.Path, resource.Name);
        Directory.CreateDirectory(folder);
        var port = replica.Ports.Values.Single().ToString(CultureInfo.InvariantCulture);
        return new ProcessSpec(resource.Entrypoint ?? program, [.. configuration.Arguments.Select(a => OnThisMachine(replica.Fill(a.Value))), $"--web.listen-address=127.0.0.1:{port}"])
        {
            WorkingDirectory = folder,
            Environment = configuration.EnvironmentVariables.ToDictionary(v => v.Key, v => replica.Fill(v.Value)),
        };
    }

    private string OnThisMachine(string argument)
    {
        foreach (var mount in resource.Annotations.OfType<ContainerMountAnnotation>().Where(m => m.Type == ContainerMountType.BindMount))
            argument = argument.Replace(mount.Target, mount.Source, StringComparison.Ordinal);
        return argument;
    }
}
