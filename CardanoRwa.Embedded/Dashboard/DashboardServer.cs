using System.Net;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using CardanoRwa.Embedded.Monitoring;
using CardanoRwa.Embedded.Running;
using CardanoRwa.Embedded.Terminal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Dashboard;

/// <summary>Serves a page on this machine's loopback that shows the resources and what they write, and starts and stops them.</summary>
internal sealed partial class DashboardServer(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    ResourceCommandService commands,
    Orchestrator orchestrator,
    IDistributedApplicationEventing eventing,
    DashboardAddress address,
    IConfiguration configuration,
    IHostEnvironment environment,
    TimeProvider time,
    ILogger<DashboardServer> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(5) };
    private WebApplication? _web;
    private LogFeed? _logs;
    private Task _following = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Not before the orchestrator has opened its data folder, where generated passwords are kept; nothing runs before this event.
        var mask = new SecretMask();
        DistributedApplicationEventSubscription? first = null;
        first = eventing.Subscribe<InitializeResourceEvent>(async (_, token) =>
        {
            eventing.Unsubscribe(first!);
            mask.Learn(await KnownSecrets.ReadAsync(model, token));
        });

        var book = new ResourceBook(model, notifications, orchestrator, mask, time);
        _logs = new LogFeed(loggers, mask, time);
        _logs.Start();
        _following = book.FollowAsync(_stopping.Token);
        var services = new DashboardServices(environment.ApplicationName, book, _logs, new Objectives(model, notifications, _client), commands, _stopping.Token);

        var wanted = DashboardPort.Wanted(configuration);
        try
        {
            // Both loopback addresses, which is more than a port of the system's choice can have.
            if (wanted != 0)
                _web = await ListenAsync(services, kestrel => kestrel.ListenLocalhost(wanted), cancellationToken);
        }
        catch (IOException)
        {
            LogPortTaken(wanted);
        }

        _web ??= await ListenAsync(services, kestrel => kestrel.Listen(IPAddress.Loopback, 0), cancellationToken);
        address.Value = new Uri(_web.Urls.First());
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Pages that listen would hold the server open for as long as it is ready to wait.
        await _stopping.CancelAsync();
        if (_web is not null)
            await _web.StopAsync(cancellationToken);
        await _following.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        _logs?.Dispose();
        if (_web is not null)
            await _web.DisposeAsync();
        _client.Dispose();
        _stopping.Dispose();
    }

    private static async Task<WebApplication> ListenAsync(
        DashboardServices services, Action<KestrelServerOptions> listen, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listen(kestrel);
        });
        builder.Services.AddRoutingCore().AddSingleton(services).AddSingleton<IHostLifetime, LifetimeOfTheHost>();
        var web = builder.Build();
        web.Use(DashboardGuard.InvokeAsync);
        web.UseRouting();
        web.MapDashboard();
        try
        {
            await web.StartAsync(cancellationToken);
            return web;
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }
    }

    [LoggerMessage(9300, LogLevel.Warning, "Port {Port} of the dashboard is in use; it takes another.")]
    private partial void LogPortTaken(int port);

    /// <summary>The default one would act on Ctrl+C by itself, before the resources have stopped.</summary>
    private sealed class LifetimeOfTheHost : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
