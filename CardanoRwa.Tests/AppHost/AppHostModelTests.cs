using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace CardanoRwa.Tests.AppHost;

/// <summary>What AppHost.cs says, read from the model it builds; nothing is started, in either mode.</summary>
public sealed class AppHostModelTests : IAsyncLifetime
{
    private static readonly DistributedApplicationExecutionContext Published = new(DistributedApplicationOperation.Publish);
    private IDistributedApplicationTestingBuilder _builder = null!;

    public async Task InitializeAsync() => _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.CardanoRwa_AppHost>();

    public async Task DisposeAsync() => await _builder.DisposeAsync();

    [Theory]
    [InlineData("postgres", typeof(PostgresServerResource))]
    [InlineData("rwadb", typeof(PostgresDatabaseResource))]
    [InlineData("cache", typeof(RedisResource))]
    [InlineData("api", typeof(ProjectResource))]
    [InlineData("worker", typeof(ProjectResource))]
    [InlineData("migrations", typeof(ProjectResource))]
    public void Graph_has_the_resource(string name, Type type) => Assert.IsType(type, Resource(name));

    [Fact]
    public void Database_keeps_its_data_in_a_volume_and_goes_by_its_own_name()
    {
        var mount = Assert.Single(Resource("postgres").Annotations.OfType<ContainerMountAnnotation>());
        Assert.Equal(ContainerMountType.Volume, mount.Type);
        Assert.EndsWith("-postgres-data", mount.Source, StringComparison.Ordinal);
        Assert.Equal("cardano_rwa", ((PostgresDatabaseResource)Resource("rwadb")).DatabaseName);
    }

    [Theory]
    [InlineData("api")]
    [InlineData("worker")]
    public void Service_waits_for_what_it_needs_and_for_the_migrations(string name)
    {
        var waits = Resource(name).Annotations.OfType<WaitAnnotation>().ToDictionary(w => w.Resource.Name, w => w.WaitType);

        Assert.Equal(WaitType.WaitUntilHealthy, waits["rwadb"]);
        Assert.Equal(WaitType.WaitUntilHealthy, waits["postgres"]);
        Assert.Equal(WaitType.WaitUntilHealthy, waits["cache"]);
        Assert.Equal(WaitType.WaitForCompletion, waits["migrations"]);
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("rwadb")]
    [InlineData("cache")]
    [InlineData("api")]
    [InlineData("worker")]
    public void Service_says_whether_it_is_healthy(string name) => Assert.NotEmpty(Resource(name).Annotations.OfType<HealthCheckAnnotation>());

    [Fact]
    public void Only_the_api_is_reached_from_outside()
    {
        var open = _builder.Resources.Where(r => r.Annotations.OfType<EndpointAnnotation>().Any(e => e.IsExternal)).Select(r => r.Name);
        Assert.Equal(["api"], open);
    }

    [Fact]
    public async Task Api_is_told_of_database_and_cache_by_reference()
    {
        var environment = await EnvironmentAsync("api");

        Assert.Equal("{rwadb.connectionString}", environment["ConnectionStrings__rwadb"]);
        Assert.Equal("{cache.connectionString}", environment["ConnectionStrings__cache"]);
        Assert.Equal("{postgres.bindings.tcp.host}", environment["RWADB_HOST"]);
        Assert.Equal("{postgres.bindings.tcp.port}", environment["RWADB_PORT"]);
        Assert.Equal("cardano_rwa", environment["RWADB_DATABASENAME"]);
        Assert.Equal("{cache-password.value}", environment["CACHE_PASSWORD"]);
        Assert.Equal("in_memory", environment["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"]);
    }

    [Fact]
    public async Task Migrations_are_the_worker_with_one_argument_and_no_address()
    {
        var arguments = await ExecutionConfigurationBuilder.Create(Resource("migrations")).WithArgumentsConfig().BuildAsync(Published);

        Assert.Equal(["migrate"], arguments.Arguments.Select(a => a.Value));
        Assert.Empty(Resource("migrations").Annotations.OfType<EndpointAnnotation>());
    }

    [Theory]
    [InlineData("prometheus")]
    [InlineData("grafana")]
    public void Monitoring_starts_when_asked_only_and_with_what_the_repository_has(string name)
    {
        Assert.NotEmpty(Resource(name).Annotations.OfType<ExplicitStartupAnnotation>());
        var mounts = Resource(name).Annotations.OfType<ContainerMountAnnotation>().ToList();
        Assert.NotEmpty(mounts);
        Assert.All(mounts, mount => Assert.True(Directory.Exists(mount.Source), mount.Source));
    }

    [Fact]
    public async Task Replicas_are_one_unless_the_graph_is_told_otherwise()
    {
        Assert.Equal(1, Resource("api").GetReplicaCount());

        _builder.CreateResourceBuilder((ProjectResource)Resource("api")).WithReplicas(3);
        await using var app = await _builder.BuildAsync();

        Assert.Equal(3, Resource("api").GetReplicaCount());
    }

    private IResource Resource(string name) => _builder.Resources.Single(r => r.Name == name);

    private async Task<Dictionary<string, string>> EnvironmentAsync(string name)
    {
        var result = await ExecutionConfigurationBuilder.Create(Resource(name)).WithEnvironmentVariablesConfig().BuildAsync(Published);
        return result.EnvironmentVariables.ToDictionary();
    }
}
