using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Cache;
using CardanoRwa.Embedded.Monitoring;
using CardanoRwa.Embedded.Postgres;
using Microsoft.Extensions.Configuration;

namespace CardanoRwa.Embedded.Running;

internal sealed class LauncherFactory(DistributedApplicationExecutionContext context, IConfiguration configuration, ResourceLoggerService loggers)
{
    /// <summary>How to run a resource, or null where there is nothing to run.</summary>
    public Launcher? For(IResource resource, RunFolder folder) => resource switch
    {
        ProjectResource project => new ProjectLauncher(project, context, loggers.GetLogger(project)),
        ExecutableResource executable => new ExecutableLauncher(executable, context, loggers.GetLogger(executable)),
        PostgresServerResource server => new PostgresLauncher(server, server, context, configuration, folder, line => loggers.Write(server.Name, line, isError: false)),
        PostgresStandbyResource standby => new PostgresLauncher(standby, standby.First, context, configuration, folder, line => loggers.Write(standby.Name, line, isError: false)),
        RedisResource redis => new CacheLauncher(redis),
        ContainerResource container when PrometheusLauncher.Runs(container) => new PrometheusLauncher(container, context, folder, loggers.GetLogger(container)),
        _ => null,
    };
}
