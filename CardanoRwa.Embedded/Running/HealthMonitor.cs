using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CardanoRwa.Embedded.Running;

/// <summary>Runs a resource's health checks while any instance of it runs, and announces once for each start that it is ready.</summary>
internal sealed class HealthMonitor(IResource resource, HealthCheckService checks, RunServices services)
{
    private static readonly TimeSpan WhenHealthy = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WhenNot = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan OneCheck = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _keys = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => a.Key)];

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await services.Notifications.WaitForResourceAsync(resource.Name, e => e.Snapshot.State?.Text == KnownResourceStates.Running, stopping);
            var reports = await CheckAsync(stopping);
            var healthy = reports.All(r => r.Status == HealthStatus.Healthy);
            foreach (var id in ResourceNotificationService.InstanceIds(resource))
                await services.Notifications.PublishUpdateAsync(resource, id, s => s.State?.Text == KnownResourceStates.Running ? With(s, reports) : s);
            if (healthy)
                AnnounceReady(stopping);

            // A restart in between starts over with no reports, and must not wait out the long interval.
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            await Task.WhenAny(
                Task.Delay(healthy ? WhenHealthy : WhenNot, services.Time, pause.Token),
                services.Notifications.WaitForResourceAsync(resource.Name, e => IsNew(e.Snapshot), pause.Token));
            await pause.CancelAsync();
        }
    }

    private static bool IsNew(CustomResourceSnapshot snapshot) => snapshot.State?.Text == KnownResourceStates.Running && snapshot.ResourceReadyEvent is null
        && (snapshot.HealthReports.IsEmpty || snapshot.HealthReports.Any(r => r.Status is null));

    private async Task<List<HealthReportSnapshot>> CheckAsync(CancellationToken stopping)
    {
        if (_keys.Count == 0)
            return [];

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(OneCheck);
        try
        {
            var report = await checks.CheckHealthAsync(c => _keys.Contains(c.Name), timeout.Token);
            return [.. report.Entries.Select(e => new HealthReportSnapshot(e.Key, e.Value.Status, e.Value.Description, e.Value.Exception?.Message))];
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return [.. _keys.Select(k => new HealthReportSnapshot(k, HealthStatus.Unhealthy, $"No answer within {OneCheck.TotalSeconds:0} s.", null))];
        }
    }

    private static CustomResourceSnapshot With(CustomResourceSnapshot snapshot, List<HealthReportSnapshot> reports) =>
        snapshot.HealthReports.SequenceEqual(reports) ? snapshot : snapshot with { HealthReports = [.. reports] };

    private void AnnounceReady(CancellationToken stopping)
    {
        EventSnapshot? ready = null;
        foreach (var id in ResourceNotificationService.InstanceIds(resource))
        {
            services.Notifications.PublishUpdateAsync(resource, id, s => s.HealthStatus == HealthStatus.Healthy && s.ResourceReadyEvent is null
                ? s with { ResourceReadyEvent = ready ??= new EventSnapshot(PublishAsync(stopping)) }
                : s);
        }
    }

    private async Task PublishAsync(CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            await services.Eventing.PublishAsync(new ResourceReadyEvent(resource, services.Provider), stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            RunLog.NotReady(services.Logger, resource.Name, e.Message);
            throw;
        }
    }
}
