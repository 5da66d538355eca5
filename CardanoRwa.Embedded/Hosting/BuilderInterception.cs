using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Lets a test take part while the AppHost's own entry point builds its application.</summary>
internal sealed class BuilderInterception
{
    private static readonly AsyncLocal<BuilderInterception?> Ambient = new();

    /// <summary>The interception of the thread of control that is building, if a test has set one.</summary>
    public static BuilderInterception? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public Action<DistributedApplicationOptions, HostApplicationBuilderSettings>? Constructing { get; init; }

    public Action<DistributedApplicationBuilder>? Building { get; init; }

    public Action<DistributedApplication>? Built { get; init; }

    /// <summary>Completes when the test asks for the start; a built application that is never started runs nothing.</summary>
    public Func<CancellationToken, Task>? MayStart { get; init; }

    public Action<Exception?>? Started { get; init; }
}
