using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static class PostgresBuilderExtensions
{
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        var parameter = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password");
        var server = new PostgresServerResource(name, userName?.Resource, parameter);
        var healthCheck = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(healthCheck, _ => new PostgresHealthCheck(server, "postgres", server.PrimaryEndpoint), default, default));
        builder.Eventing.Subscribe<ResourceReadyEvent>(server, (_, token) => PostgresDatabases.CreateAsync(server, builder.Resources, token));

        var added = builder.AddResource(server);
        if (builder.ExecutionContext.IsRunMode && StandbyOptions.Read(builder.Configuration).Enabled)
            AddStandby(builder, server);
        return added
            .WithEndpoint(port: port, targetPort: 5432, name: PostgresServerResource.PrimaryEndpointName)
            .WithImage("library/postgres", "18.3")
            .WithImageRegistry("docker.io")
            .WithEnvironment("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
            .WithEnvironment("POSTGRES_INITDB_ARGS", "--auth-host=scram-sha-256 --auth-local=scram-sha-256")
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["POSTGRES_USER"] = server.UserNameReference;
                context.EnvironmentVariables["POSTGRES_PASSWORD"] = server.PasswordParameter;
            })
            .WithHealthCheck(healthCheck);
    }

    private static void AddStandby(IDistributedApplicationBuilder builder, PostgresServerResource server)
    {
        var standby = server.Standby = new PostgresStandbyResource($"{server.Name}-standby", server);
        var healthCheck = $"{standby.Name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(healthCheck, _ => new PostgresHealthCheck(server, "postgres", standby.Endpoint), default, default));
        builder.Services.AddHostedService(s => new StandbyWatch(server, builder.Configuration, s.GetRequiredService<ResourceLoggerService>()));
        builder.AddResource(standby).WithEndpoint(name: PostgresServerResource.PrimaryEndpointName).WithHealthCheck(healthCheck);
    }

    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.AddDatabase(name, database.DatabaseName);
        var healthCheck = $"{name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks()
            .Add(new HealthCheckRegistration(healthCheck, _ => new PostgresHealthCheck(builder.Resource, database.DatabaseName), default, default));
        return builder.ApplicationBuilder.AddResource(database).WithHealthCheck(healthCheck);
    }

    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), DataPath(builder), isReadOnly);

    public static IResourceBuilder<PostgresServerResource> WithDataBindMount(
        this IResourceBuilder<PostgresServerResource> builder, string source, bool isReadOnly = false) =>
        builder.WithBindMount(source, DataPath(builder), isReadOnly);

    public static IResourceBuilder<PostgresDatabaseResource> WithCreationScript(this IResourceBuilder<PostgresDatabaseResource> builder, string script) =>
        builder.WithAnnotation(new PostgresCreateDatabaseScriptAnnotation(script));

    public static IResourceBuilder<PostgresServerResource> WithPassword(
        this IResourceBuilder<PostgresServerResource> builder, IResourceBuilder<ParameterResource> password)
    {
        builder.Resource.PasswordParameter = password.Resource;
        return builder;
    }

    public static IResourceBuilder<PostgresServerResource> WithUserName(
        this IResourceBuilder<PostgresServerResource> builder, IResourceBuilder<ParameterResource> userName)
    {
        builder.Resource.UserNameParameter = userName.Resource;
        return builder;
    }

    public static IResourceBuilder<PostgresServerResource> WithHostPort(this IResourceBuilder<PostgresServerResource> builder, int? port) =>
        builder.WithEndpoint(PostgresServerResource.PrimaryEndpointName, endpoint => endpoint.Port = port);

    // From 18 on the official image keeps its data one level up, in a folder for each major version.
    private static string DataPath(IResourceBuilder<PostgresServerResource> builder) =>
        builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image)
        && int.TryParse(image.Tag?.Split('.', '-')[0], out var major) && major >= 18
            ? "/var/lib/postgresql"
            : "/var/lib/postgresql/data";
}

internal sealed class PostgresCreateDatabaseScriptAnnotation(string script) : IResourceAnnotation
{
    public string Script { get; } = script;
}
