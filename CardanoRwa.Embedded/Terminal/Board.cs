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
    private readonly IAnsiConsole _console = AnsiConsole.Console;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _announced = [];
    private readonly HashSet<string> _finished = [];
    private readonly BoardTable _table = new(model, notifications);
    private readonly long _started = time.GetTimestamp();
    private Task _work = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lines.Add("host", $"{environment.ApplicationName}, embedded host: local processes, no container engine");
        lines.Add("host", $"data in {DataFolder.For(configuration)} (kept between runs; --reset clears them)");
        if (dashboard.Value is { } address)
            lines.Add("host", $"dashboard at {address}");

        loggers.LineWritten += Show;
        var live = _console.Profile.Capabilities.Interactive && _console.Profile.Capabilities.Ansi && !System.Console.IsOutputRedirected;
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
            Write(line);
    }

    private async Task ShowLiveAsync(CancellationToken stopping)
    {
        await _console.Live(_table.Render()).AutoClear(true).StartAsync(async display =>
        {
            while (!stopping.IsCancellationRequested)
            {
                while (lines.TryRead(out var line))
                    Write(line);
                display.UpdateTarget(_table.Render());
                await Task.Delay(TimeSpan.FromMilliseconds(150), time, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        });
        while (lines.TryRead(out var line))
            Write(line);
    }

    private void Write((string Source, string Text, bool IsError) line)
    {
        var prefix = line.Source.PadRight(_table.NameWidth);
        if (_console.Profile.Capabilities.Ansi && !System.Console.IsOutputRedirected)
        {
            // Not as markup or text, which would break or escape the colours a resource itself writes.
            _console.Markup($"[{_table.ColourOf(line.Source)}]{Markup.Escape(prefix)}[/] ");
            _console.Write(new ControlCode(line.Text + (line.Text.Contains('\u001b', StringComparison.Ordinal) ? "\u001b[0m" : "")));
            _console.WriteLine();
        }
        else
        {
            System.Console.WriteLine($"{prefix} | {line.Text}");
        }
    }
}
