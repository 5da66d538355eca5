using System.Text;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace CardanoRwa.Embedded.Terminal;

/// <summary>
/// What a developer sees: every resource's lines with its name before them and, on a terminal, a table of all states below.
/// </summary>
internal sealed class Board(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    IConfiguration configuration,
    IHostEnvironment environment,
    DashboardAddress dashboard,
    TimeProvider time,
    BoardLines lines) : IHostedService, IDisposable
{
    // What the table leaves of a row must go when a shorter line is written over it.
    private const string EraseRest = "\u001b[K";

    private readonly IAnsiConsole _console = AnsiConsole.Console;
    private readonly bool _coloured = AnsiConsole.Profile.Capabilities.Ansi && !System.Console.IsOutputRedirected;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _announced = [];
    private readonly HashSet<string> _finished = [];
    private readonly BoardTable _table = new(model, notifications);
    private readonly long _started = time.GetTimestamp();
    private Task _work = Task.CompletedTask;
    private bool _changed;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lines.Add("host", $"{environment.ApplicationName}, embedded host: local processes, no container engine");
        lines.Add("host", $"data in {DataFolder.For(configuration)} (kept between runs; --reset clears them)");
        if (dashboard.Value is { } address)
            lines.Add("host", $"dashboard at {address}");

        loggers.LineWritten += Show;
        var live = _coloured && _console.Profile.Capabilities.Interactive;
        _work = Task.WhenAll(WatchAsync(_stopping.Token), live ? ShowLiveAsync(_stopping.Token) : ShowLinesAsync());
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lines.Add("host", "stopped");
        loggers.LineWritten -= Show;
        lines.Complete();
        await _stopping.CancelAsync();
        await _work;
    }

    public void Dispose() => _stopping.Dispose();

    private void Show(string resource, LogLine line) => lines.Add(resource, line.Content, line.IsErrorMessage);

    private async Task WatchAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var update in notifications.WatchAsync(stopping))
            {
                if (update.Resource is ParameterResource)
                    continue;
                Volatile.Write(ref _changed, true);
                if (update.Snapshot is { HealthStatus: HealthStatus.Healthy, ResourceReadyEvent: not null } && _announced.Add(update.ResourceId))
                    Announce(update);
                else if (update.Snapshot.State?.Text == KnownResourceStates.Finished && _finished.Add(update.ResourceId))
                    lines.Add(update.ResourceId, "finished");
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private void Announce(ResourceEvent update)
    {
        var urls = update.Snapshot.Urls.Select(u => u.IsInternal ? new Uri(u.Url).Authority : u.Url).ToList();
        if (urls.Count > 0 || update.Resource.HasAnnotationOfType<HealthCheckAnnotation>())
            lines.Add(update.ResourceId, $"healthy  {string.Join("  ", urls)}".TrimEnd());

        var waited = model.Resources.Where(r => r is ProjectResource or ContainerResource or ExecutableResource).SelectMany(ResourceNotificationService.InstanceIds);
        if (waited.All(id => _announced.Contains(id) || (notifications.TryGetCurrentState(id, out var now) && KnownResourceStates.TerminalStates.Contains(now.Snapshot.State?.Text))))
            lines.Add("host", $"everything is up after {time.GetElapsedTime(_started).TotalSeconds:0.0} s. Ctrl+C stops it.");
    }

    private async Task ShowLinesAsync()
    {
        await foreach (var line in lines.ReadAllAsync())
            System.Console.WriteLine(_coloured ? Coloured(line) : $"{line.Source.PadRight(_table.NameWidth)} | {line.Text}");
    }

    private async Task ShowLiveAsync(CancellationToken stopping)
    {
        await _console.Live(_table.Render()).AutoClear(true).StartAsync(async display =>
        {
            while (!stopping.IsCancellationRequested)
            {
                WritePending();
                if (Interlocked.Exchange(ref _changed, false))
                    display.UpdateTarget(_table.Render());
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        });
        WritePending();
    }

    // One write for all of them, because each makes the table be drawn anew; and raw, so that the colours a resource writes come through.
    private void WritePending()
    {
        var text = new StringBuilder();
        while (lines.TryRead(out var line))
            text.Append(Coloured(line)).Append(EraseRest).Append('\n');
        if (text.Length > 0)
            _console.Write(new ControlCode(text.ToString()));
    }

    private string Coloured((string Source, string Text, bool IsError) line) =>
        $"\u001b[38;5;{_table.ColourOf(line.Source)}m{line.Source.PadRight(_table.NameWidth)}\u001b[0m {line.Text}\u001b[0m";
}
