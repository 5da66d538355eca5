using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Dashboard;

/// <summary>One instance of a resource as the page shows it. It holds no environment: that is asked for by itself, and comes masked.</summary>
internal sealed record ResourceView(
    string Id,
    string Name,
    string Type,
    string State,
    string? Health,
    IReadOnlyList<HealthView> Checks,
    IReadOnlyList<UrlView> Urls,
    DateTime? StartedAt,
    DateTime? StoppedAt,
    int? ExitCode,
    int? ProcessId,
    int Restarts,
    int Replicas,
    IReadOnlyList<string> Commands)
{
    public static ResourceView From(ResourceEvent update, int restarts, bool isProcess, SecretMask mask)
    {
        var snapshot = update.Snapshot;
        var state = snapshot.State?.Text ?? KnownResourceStates.NotStarted;
        var running = state == KnownResourceStates.Running;
        return new ResourceView(
            update.ResourceId,
            update.Resource.Name,
            snapshot.ResourceType,
            state,
            snapshot.HealthStatus?.ToString(),
            [.. snapshot.HealthReports.Select(r => new HealthView(r.Name, r.Status?.ToString(), mask.Text(r.Description ?? r.ExceptionText ?? "")))],
            [.. snapshot.Urls.Select(u => new UrlView(u.Name, mask.Text(u.Url), !u.IsInternal))],
            snapshot.StartTimeStamp,
            running ? null : snapshot.StopTimeStamp,
            running ? null : snapshot.ExitCode,
            running ? ProcessIdOf(snapshot) : null,
            restarts,
            update.Resource.GetReplicaCount(),
            isProcess ? CommandsIn(state) : []);
    }

    private static IReadOnlyList<string> CommandsIn(string state) =>
        state == KnownResourceStates.NotStarted || KnownResourceStates.TerminalStates.Contains(state) ? [KnownResourceCommands.StartCommand]
        : state == KnownResourceStates.Stopping ? []
        : [KnownResourceCommands.RestartCommand, KnownResourceCommands.StopCommand];

    private static int? ProcessIdOf(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value is { } pid ? Convert.ToInt32(pid, CultureInfo.InvariantCulture) : null;
}

internal sealed record HealthView(string Name, string? Status, string Text);

internal sealed record UrlView(string? Name, string Url, bool IsLink);

internal sealed record VariableView(string Name, string? Value, bool IsMasked);
