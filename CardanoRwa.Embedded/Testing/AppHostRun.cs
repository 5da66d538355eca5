using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// The AppHost's entry point, run on a thread of its own and held twice: before it builds, so that the test can change the graph, and
/// before it starts, so that a test of the graph alone starts nothing.
/// </summary>
internal sealed class AppHostRun : IAsyncDisposable
{
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayStart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _disposal;

    public AppHostRun(Assembly appHost, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    {
        var main = appHost.EntryPoint ?? throw new InvalidOperationException($"{appHost.GetName().Name} has no entry point, so it is no AppHost.");
        var interception = new BuilderInterception
        {
            Constructing = (options, settings) => TestSettings.Apply(options, settings, args, appHost, configure),
            Building = builder =>
            {
                _builder.TrySetResult(builder);
                _mayBuild.Task.GetAwaiter().GetResult();
            },
            Built = application => _application.TrySetResult(application),
            MayStart = _mayStart.Task.WaitAsync,
            Started = fault =>
            {
                if (fault is null)
                    _started.TrySetResult();
                else
                    _started.TrySetException(fault);
            },
        };

        var thread = new Thread(() => Run(main, args, interception)) { IsBackground = true, Name = $"{appHost.GetName().Name} entry point" };
        thread.Start();
    }

    public Task<DistributedApplicationBuilder> BuilderAsync(CancellationToken cancellationToken) => _builder.Task.WaitAsync(cancellationToken);

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.TrySetResult();
        return _application.Task.WaitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _mayStart.TrySetResult();
        return _started.Task.WaitAsync(cancellationToken);
    }

    public async Task StopAsync()
    {
        _mayBuild.TrySetCanceled();
        _mayStart.TrySetCanceled();
        if (_application.Task.IsCompletedSuccessfully)
            (await _application.Task).Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _ended.Task;
    }

    public async ValueTask DisposeAsync() => await (_disposal ??= DisposeOnceAsync());

    private async Task DisposeOnceAsync()
    {
        await StopAsync();
        if (_application.Task.IsCompletedSuccessfully)
            await (await _application.Task).DisposeAsync();
    }

    private void Run(MethodInfo main, string[] args, BuilderInterception interception)
    {
        Exception fault = new InvalidOperationException($"The entry point of the AppHost ended without building a {nameof(DistributedApplication)}.");
        try
        {
            BuilderInterception.Current = interception;
            main.Invoke(null, main.GetParameters().Length == 0 ? [] : [args]);
        }
        catch (TargetInvocationException e)
        {
            fault = e.InnerException ?? e;
        }
        finally
        {
            // Whoever still waits for a step that was not reached learns why.
            _builder.TrySetException(fault);
            _application.TrySetException(fault);
            _started.TrySetException(fault);
            _ended.TrySetResult();
        }
    }
}
