using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Manifest;

/// <summary>All that a host does in publish mode: it writes the manifest that azd deploys from, and ends.</summary>
internal sealed partial class ManifestPublisher(
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    IConfiguration configuration,
    IHostApplicationLifetime lifetime,
    ILogger<ManifestPublisher> logger) : IHostedService
{
    private const string Step = "publish-manifest";
    private const string DefaultFileName = "aspire-manifest.json";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration["Pipeline:Step"] is var step && step != Step)
            throw new DistributedApplicationException($"The embedded host publishes manifests only: add --step {Step} (given: {step ?? "none"}).");

        var path = OutputPath();
        using var content = new MemoryStream();
        await using (var json = new Utf8JsonWriter(content, new JsonWriterOptions { Indented = true }))
            await new ManifestWriter(executionContext, path, json).WriteAsync(model, cancellationToken);

        // Only now, so that a graph that cannot be published leaves an earlier manifest whole.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content.ToArray(), cancellationToken);
        LogPublished(path);
        lifetime.ApplicationStarted.Register(lifetime.StopApplication);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string OutputPath()
    {
        var given = configuration["Pipeline:OutputPath"]
            ?? throw new DistributedApplicationException("Say where the manifest is to be written: --output-path <file or folder>.");
        return Path.GetFullPath(given.EndsWith(".json", StringComparison.Ordinal) ? given : Path.Combine(given, DefaultFileName));
    }

    [LoggerMessage(9200, LogLevel.Information, "Published manifest to: {Path}")]
    private partial void LogPublished(string path);
}
