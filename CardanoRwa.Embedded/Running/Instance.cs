using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Processes;

namespace CardanoRwa.Embedded.Running;

/// <summary>
/// One process of the graph through its life: wait, start, watch, restart. A process that has served and then crashes is started
/// again, on the same port; one that dies before it served stays down, for the same would happen again.
/// </summary>
internal sealed class Instance(Replica replica, Launcher launcher, RunServices services) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRestart = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CountsAsServing = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CountsAsStable = TimeSpan.FromMinutes(1);
    private const int ShownLines = 15;

    private readonly SemaphoreSlim _command = new(1, 1);
    private CancellationTokenSource _stopping = new();
    private Task _life = Task.CompletedTask;
    private ChildProcess? _process;

    public string Id => replica.Id;

    public IResource Resource => replica.Resource;

    public int? ProcessId => _process is { HasExited: false } process ? process.Id : null;

    public async Task StartAsync()
    {
        await _command.WaitAsync();
        try
        {
            if (!_life.IsCompleted)
                return;
            _stopping.Dispose();
            _stopping = new CancellationTokenSource();

            // Before this returns: whoever asked for the start must not take the last life's end for this one's.
            await PublishAsync(s => s with { State = KnownResourceStates.Starting, ExitCode = null, ResourceReadyEvent = null });
            _life = Task.Run(() => LiveAsync(_stopping.Token));
        }
        finally
        {
            _command.Release();
        }
    }

    public async Task StopAsync()
    {
        await _command.WaitAsync();
        try
        {
            if (_life.IsCompleted)
                return;
            await PublishAsync(s => s with { State = KnownResourceStates.Stopping });
            await _stopping.CancelAsync();
            if (_process is { } process)
                await process.StopAsync();
            await _life;
        }
        finally
        {
            _command.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
        _command.Dispose();
    }

    private async Task LiveAsync(CancellationToken stopping)
    {
        try
        {
            if (Resource.HasAnnotationOfType<WaitAnnotation>())
                await PublishAsync(s => s with { State = KnownResourceStates.Waiting });
            await services.Notifications.WaitForDependenciesAsync(Resource, stopping);
            await PublishAsync(s => s with { State = KnownResourceStates.Starting });
            await services.Eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, services.Provider), stopping);
            await RunAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await PublishAsync(s => s with { State = KnownResourceStates.Exited, StopTimeStamp = Now() });
        }
        catch (Exception e)
        {
            services.Write(Resource, Id, e is DistributedApplicationException ? e.Message : e.ToString(), isError: true);
            await PublishAsync(s => s with { State = new(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error), StopTimeStamp = Now() });
        }
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        var (backoff, served) = (FirstRestart, false);
        for (var tries = 0; ; tries++)
        {
            var spec = tries == 0 ? await launcher.PrepareAsync(replica, stopping) : await launcher.PrepareAgainAsync(replica, stopping);
            if (launcher.IsAfresh)
                backoff = FirstRestart;
            var exitCode = await RunOnceAsync(spec, stopping);

            // Having served once is enough: it may die at a later start only because what it needs is being restarted as well.
            served |= HasServed();
            if (stopping.IsCancellationRequested || exitCode == 0)
            {
                await PublishAsync(s => s with { State = stopping.IsCancellationRequested ? KnownResourceStates.Exited : KnownResourceStates.Finished, ExitCode = exitCode, StopTimeStamp = Now() });
                return;
            }

            var lines = services.Loggers.Last(Resource.Name, ShownLines);
            if (!served && !(tries < 20 && launcher.IsPassing(lines)))
            {
                services.Failed(Id, exitCode, lines);
                await PublishAsync(s => s with { State = new(KnownResourceStates.Exited, KnownResourceStateStyles.Error), ExitCode = exitCode, StopTimeStamp = Now() });
                return;
            }

            if (served)
            {
                backoff = Age() > CountsAsStable ? FirstRestart : backoff;
                RunLog.Restarting(services.Logger, Id, exitCode, backoff.TotalSeconds);
            }

            await PublishAsync(s => s with { State = KnownResourceStates.Starting, ExitCode = exitCode, ResourceReadyEvent = null });
            await Task.Delay(backoff, services.Time, stopping);
            backoff = served ? TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, LongestBackoff.Ticks)) : backoff;
        }
    }

    private async Task<int> RunOnceAsync(ProcessSpec spec, CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        using var process = ChildProcess.Start(spec, (line, isError) => services.Write(Resource, Id, line, isError));
        _process = process;
        services.Started(process, spec.StopSignal);
        try
        {
            await PublishAsync(s => s with
            {
                State = new(KnownResourceStates.Running, KnownResourceStateStyles.Success),
                StartTimeStamp = Now(),
                StopTimeStamp = null,
                ExitCode = null,
                ResourceReadyEvent = null,
                HealthReports = [.. Resource.Annotations.OfType<HealthCheckAnnotation>().Select(c => new HealthReportSnapshot(c.Key, null, null, null))],
                EnvironmentVariables = [.. spec.Environment.Select(v => new EnvironmentVariableSnapshot(v.Key, v.Value, IsFromSpec: true))],
                Properties = [new("executable.pid", process.Id), new("executable.path", spec.FileName), new("executable.args", string.Join(' ', spec.Arguments))],
            });

            // A stop asked for between the start and the assignment above found no process to stop.
            if (stopping.IsCancellationRequested)
                await process.StopAsync();
            return await process.WaitForExitAsync(CancellationToken.None);
        }
        finally
        {
            services.Ended(process.Id);
            _process = null;
        }
    }

    private bool HasServed() => services.Notifications.TryGetCurrentState(Id, out var now)
        && (Resource.HasAnnotationOfType<HealthCheckAnnotation>() ? now.Snapshot.ResourceReadyEvent is not null : Age() > CountsAsServing);

    private TimeSpan Age() => services.Notifications.TryGetCurrentState(Id, out var now) && now.Snapshot.StartTimeStamp is { } started ? Now() - started : TimeSpan.Zero;

    private DateTime Now() => services.Time.GetUtcNow().UtcDateTime;

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => services.Notifications.PublishUpdateAsync(Resource, Id, change);
}
