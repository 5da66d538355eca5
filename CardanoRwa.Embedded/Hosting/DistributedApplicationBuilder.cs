using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using CardanoRwa.Embedded.Manifest;
using CardanoRwa.Embedded.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    // Switches of the command line that azd and the Aspire CLI use; everything else is --Section:Key=value as in any host.
    private static readonly Dictionary<string, string> Switches = new()
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--step"] = "Pipeline:Step",
        ["--output-path"] = "Pipeline:OutputPath",
        ["--log-level"] = "Pipeline:LogLevel",
    };

    private readonly HostApplicationBuilder _host;
    private readonly BuilderInterception? _interception = BuilderInterception.Current;

    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args })
    {
    }

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        var settings = new HostApplicationBuilderSettings { Args = options.Args, Configuration = new ConfigurationManager() };
        settings.Configuration.AddEnvironmentVariables("ASPIRE_");
        _interception?.Constructing?.Invoke(options, settings);

        _host = new HostApplicationBuilder(settings);
        _host.Configuration.AddCommandLine(ArgumentsWithValues(options.Args ?? []), Switches);
        AppHostAssembly = options.Assembly;
        AppHostDirectory = options.ProjectDirectory ?? _host.Environment.ContentRootPath;
        ExecutionContext = ReadExecutionContext();
        DescribeAppHost(options.ProjectName ?? _host.Environment.ApplicationName);

        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(options);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton(s => new ResourceCommandService(s.GetRequiredService<DistributedApplicationModel>(), s.GetService<IResourceCommands>()));
        Services.AddHealthChecks();
        Services.AddHttpClient();
        if (ExecutionContext.IsRunMode)
            Services.AddEmbeddedHost(options);
        else
            Services.AddHostedService<ManifestPublisher>();
        _host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        _host.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        _host.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        ModelName.Validate("Resource", resource.Name);
        if (Resources.TryGetByName(resource.Name, out _))
            throw new DistributedApplicationException($"Cannot add resource '{resource.Name}': the name is taken. Resource names are case-insensitive.");

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        _interception?.Building?.Invoke(this);
        var application = new DistributedApplication(_host.Build(), _interception);
        ExecutionContext.ServicesIfBuilt = application.Services;
        _interception?.Built?.Invoke(application);
        return application;
    }

    private DistributedApplicationExecutionContext ReadExecutionContext()
    {
        var publisher = Configuration["Publishing:Publisher"];
        if (string.Equals(publisher, "manifest", StringComparison.OrdinalIgnoreCase) && string.IsNullOrEmpty(Configuration["Pipeline:Step"]))
            Configuration["Pipeline:Step"] = "publish-manifest";

        return Configuration["AppHost:Operation"]?.ToLowerInvariant() switch
        {
            null when publisher is null => new(DistributedApplicationOperation.Run),
            null => new(DistributedApplicationOperation.Publish, publisher),
            "run" => new(DistributedApplicationOperation.Run),
            "publish" => new(DistributedApplicationOperation.Publish, publisher ?? "manifest"),
            var other => throw new DistributedApplicationException($"Invalid operation '{other}'. Valid operations are 'publish' or 'run'."),
        };
    }

    private void DescribeAppHost(string name)
    {
        // A published name must not depend on where the repository lies; a local one must, so that two checkouts keep apart.
        var path = Path.GetFullPath(Path.Join(AppHostDirectory, name));
        var identity = ExecutionContext.IsPublishMode ? name : path.ToLowerInvariant();
        Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AppHost:Directory"] = AppHostDirectory,
            ["AppHost:Path"] = path,
            ["AppHost:Sha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(identity))),
        });
    }

    // The command-line provider takes the next argument as the value of a bare switch; "--reset --other" would lose one.
    private static string[] ArgumentsWithValues(string[] args) =>
        [.. args.Select(a => a switch
        {
            "--reset" => "--Embedded:Reset=true",
            "--standby" => "--Standby:Enabled=true",
            _ => a,
        })];
}
