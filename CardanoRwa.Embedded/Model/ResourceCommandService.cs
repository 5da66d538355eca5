namespace Aspire.Hosting.ApplicationModel;

public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
    public static readonly string RestartCommand = "restart";
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public bool Canceled { get; init; }

    public string? Message { get; init; }
}

/// <summary>Carries out what a dashboard offers as buttons; implemented by what runs the graph.</summary>
internal interface IResourceCommands
{
    Task<ExecuteCommandResult> ExecuteAsync(IResource resource, string? instanceId, string commandName, CancellationToken cancellationToken);
}

public class ResourceCommandService
{
    private readonly DistributedApplicationModel _model;
    private readonly IResourceCommands? _commands;

    internal ResourceCommandService(DistributedApplicationModel model, IResourceCommands? commands)
    {
        _model = model;
        _commands = commands;
    }

    /// <summary>Acts on one instance by its id, or on all instances by the name of their resource.</summary>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (_model.Resources.TryGetByName(resourceId, out var named))
            return ExecuteCommandAsync(named, commandName, cancellationToken);

        var owner = _model.Resources.FirstOrDefault(r => ResourceNotificationService.InstanceIds(r).Contains(resourceId, StringComparer.OrdinalIgnoreCase));
        return owner is null || _commands is null
            ? Task.FromResult(new ExecuteCommandResult { Success = false, Message = $"Resource '{resourceId}' not found." })
            : _commands.ExecuteAsync(owner, resourceId, commandName, cancellationToken);
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        _commands is null
            ? Task.FromResult(new ExecuteCommandResult { Success = false, Message = "Nothing runs: the application was built to be published." })
            : _commands.ExecuteAsync(resource, null, commandName, cancellationToken);
}
