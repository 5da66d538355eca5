using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Running;

/// <summary>Knows how one kind of resource becomes a process.</summary>
internal abstract class Launcher
{
    /// <summary>Faults that hold for every start (nothing installed, data of another version): found before anything is started.</summary>
    public virtual Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public abstract Task<ProcessSpec> PrepareAsync(Replica replica, CancellationToken cancellationToken);

    /// <summary>As <see cref="PrepareAsync"/>, for a start that nobody asked for: the process has ended by itself.</summary>
    public virtual Task<ProcessSpec> PrepareAgainAsync(Replica replica, CancellationToken cancellationToken) => PrepareAsync(replica, cancellationToken);

    /// <summary>The last preparation made something new of it: earlier crashes say nothing about how it will fare.</summary>
    public virtual bool IsAfresh => false;

    /// <summary>True where another try a moment later may succeed, as when a killed predecessor is not quite gone.</summary>
    public virtual bool IsPassing(IReadOnlyList<LogLine> lastLines) => false;
}

/// <summary>One instance of a resource and the ports its process listens on, by endpoint name.</summary>
internal sealed record Replica(IResource Resource, string Id, IReadOnlyDictionary<string, int> Ports)
{
    private readonly string _instance = Guid.NewGuid().ToString("N")[..12];

    /// <summary>Puts this replica's own values in the place of what stands in for them.</summary>
    public string Fill(string text)
    {
        text = text.Replace(RunTokens.InstanceId, _instance, StringComparison.Ordinal);
        foreach (var endpoint in Resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (Ports.TryGetValue(endpoint.Name, out var port))
                text = text.Replace(RunTokens.TargetPort(endpoint), port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }

        return text;
    }
}
