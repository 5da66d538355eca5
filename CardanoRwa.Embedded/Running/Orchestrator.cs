using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using CardanoRwa.Embedded.Postgres;
using CardanoRwa.Embedded.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Running;

/// <summary>Runs the graph as local processes, and leaves none behind.</summary>
internal sealed class Orchestrator(
    IServiceProvider provider,
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing,
    HealthCheckService checks,
    IConfiguration configuration,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    LauncherFactory launchers,
    ILogger<Orchestrator> logger) : IHostedService, IResourceCommands, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<IResource, List<Instance>> _instances = [];
    private readonly List<Task> _background = [];
    private readonly List<TcpProxy> _proxies = [];
    private PortPlan? _ports;
    private RunFolder? _folder;
    private Reaper? _reaper;
    private static readonly TimeSpan WatchersMayTake = TimeSpan.FromSeconds(1);
    private PosixSignalRegistration? _hangUp;
    private Task? _shutdown;

    public IEnumerable<Instance> InstancesOf(string resourceId) => _instances.Values.SelectMany(i => i).Where(i =>
        string.Equals(i.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase) || string.Equals(i.Id, resourceId, StringComparison.OrdinalIgnoreCase));

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A closed terminal is a Ctrl+C too.
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            lifetime.StopApplication();
        });
        _folder = RunFolder.Open(DataFolder.For(configuration), configuration.GetValue<bool>("Embedded:Temporary"));
        if (configuration.GetValue<bool>("Embedded:Reset"))
            await ResetAsync(_folder, cancellationToken);

        _ports = new PortPlan(model, configuration.GetValue<bool>("DcpPublisher:RandomizePorts"));
        _ports.Make();
        await ParameterCheck.RunAsync(model, cancellationToken);
        _reaper = Reaper.Start();
        if (_folder.IsTemporary)
            _reaper.DeleteAtTheEnd(_folder.Path);
        var services = new RunServices(provider, notifications, loggers, eventing, time, logger, _folder, _reaper);

        foreach (var (resource, replicas) in _ports.Replicas)
        {
            if (launchers.For(resource, _folder) is not { } launcher)
                continue;
            await launcher.CheckAsync(cancellationToken);
            _instances[resource] = [.. replicas.Select(r => new Instance(r, launcher, services))];
        }

        foreach (var (endpoint, targets) in _ports.Proxies)
            _proxies.Add(new TcpProxy(endpoint.AllocatedEndpoint!.Port, targets));
        await AnnounceAsync(cancellationToken);

        foreach (var resource in model.Resources)
        {
            _background.Add(Task.Run(() => new HealthMonitor(resource, checks, services).RunAsync(_stopping.Token), CancellationToken.None));
            if (!_instances.TryGetValue(resource, out var instances))
                _background.Add(Task.Run(() => new PassiveResource(resource, services).RunAsync(_stopping.Token), CancellationToken.None));
            else if (!resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
                await Task.WhenAll(instances.Select(i => i.StartAsync()));
        }

        await eventing.PublishAsync(new AfterResourcesCreatedEvent(provider, model), cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => ShutDownAsync();

    public async ValueTask DisposeAsync()
    {
        await ShutDownAsync();
        _stopping.Dispose();
    }

    public async Task<ExecuteCommandResult> ExecuteAsync(IResource resource, string? instanceId, string commandName, CancellationToken cancellationToken)
    {
        var instances = InstancesOf(instanceId ?? resource.Name).ToList();
        if (instances.Count == 0)
            return new() { Success = false, Message = $"Resource '{resource.Name}' is not a process of the embedded host." };

        // The long form is what older versions called it.
        var command = commandName.StartsWith("resource-", StringComparison.Ordinal) ? commandName["resource-".Length..] : commandName;
        if (command != KnownResourceCommands.StartCommand && command != KnownResourceCommands.StopCommand && command != KnownResourceCommands.RestartCommand)
            return new() { Success = false, Message = $"Resource '{resource.Name}' has no command '{commandName}'." };

        if (command != KnownResourceCommands.StartCommand)
            await Task.WhenAll(instances.Select(i => i.StopAsync()));
        if (command != KnownResourceCommands.StopCommand)
            await Task.WhenAll(instances.Select(i => i.StartAsync()));
        return new() { Success = true };
    }

    private static async Task ResetAsync(RunFolder folder, CancellationToken cancellationToken)
    {
        foreach (var directory in Directory.GetDirectories(folder.Path))
            await PostgresLeftovers.EndAsync(new PostgresDataFolder(directory).Path, cancellationToken);
        folder.Reset();
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in model.Resources)
        {
            var urls = resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.AllocatedEndpoint is not null)
                .Select(e => new UrlSnapshot(e.Name, e.AllocatedEndpoint!.UriString, IsInternal: e.UriScheme is not ("http" or "https")));
            await notifications.PublishUpdateAsync(resource, s => s with
            {
                ResourceType = PassiveResource.TypeOf(resource),
                CreationTimeStamp = time.GetUtcNow().UtcDateTime,
                State = KnownResourceStates.NotStarted,
                Urls = [.. urls],
            });
            await eventing.PublishAsync(new InitializeResourceEvent(resource, eventing, loggers, notifications, provider), cancellationToken);
            if (resource is IResourceWithEndpoints)
                await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, provider), cancellationToken);
            if (resource is IResourceWithConnectionString)
                await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, provider), cancellationToken);
        }
    }

    private Task ShutDownAsync() => _shutdown ??= Task.Run(async () =>
    {
        await StopOrder.StopAsync(_instances);
        await _stopping.CancelAsync();

        // They only watch. One that is deaf, such as a health check that ignores its token, must not hold up the end.
        await Task.WhenAny(Task.WhenAll(_background), Task.Delay(WatchersMayTake));
        foreach (var proxy in _proxies)
            await proxy.DisposeAsync();
        foreach (var instance in _instances.Values.SelectMany(i => i))
            await instance.DisposeAsync();
        if (_reaper is not null)
            await _reaper.DisposeAsync();
        _ports?.GiveBack();
        _folder?.Dispose();
        _hangUp?.Dispose();
    });
}
