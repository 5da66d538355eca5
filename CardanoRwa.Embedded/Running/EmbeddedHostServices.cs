using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Dashboard;
using CardanoRwa.Embedded.Terminal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CardanoRwa.Embedded.Running;

internal static class EmbeddedHostServices
{
    public static void AddEmbeddedHost(this IServiceCollection services, DistributedApplicationOptions options)
    {
        services.AddSingleton<LauncherFactory>();
        services.AddSingleton<Orchestrator>();
        services.AddSingleton<IResourceCommands>(s => s.GetRequiredService<Orchestrator>());
        if (options.DisableDashboard)
        {
            if (options.EnableResourceLogging)
                services.AddHostedService<ResourceLogForwarder>();
        }
        else
        {
            services.AddSingleton<DashboardAddress>();
            services.AddSingleton<BoardLines>();
            services.AddSingleton<Board>();
            services.AddLogging(logging => logging.ClearProviders().Services.AddSingleton<ILoggerProvider, BoardLoggerProvider>());
            services.AddHostedService<DashboardServer>();
            services.AddHostedService(s => s.GetRequiredService<Board>());
        }

        // Last in, first out: when the host stops, what shows the resources outlives them.
        services.AddHostedService(s => s.GetRequiredService<Orchestrator>());
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
    }
}
