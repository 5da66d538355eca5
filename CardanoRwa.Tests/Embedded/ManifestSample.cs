using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Tests.Embedded;

/// <summary>
/// A graph with one of everything a manifest can say. It compiles against either host, so the expected file is the real one's output.
/// </summary>
internal static class ManifestSample
{
    public static void Build(IDistributedApplicationBuilder builder)
    {
        var secret = builder.AddParameter("api-key", secret: true);
        var region = builder.AddParameter("region", "eu-1", publishValueAsDefault: true);
        builder.AddParameter("unpublished", "stays-here");
        var generated = builder.AddParameter(
            "generated", new GenerateParameterDefault { MinLength = 30, Special = false, Upper = false, MinNumeric = 2 }, secret: true, persist: true);
        var configured = builder.AddParameterFromConfiguration("configured", "Sample:Configured", secret: true);
        var legacy = builder.AddConnectionString("legacy", "LEGACY_DB");

        var postgres = builder.AddPostgres("postgres", builder.AddParameter("pg-user"), secret, port: 5433).WithImageTag("17-alpine").WithDataVolume("pg-data");
        var database = postgres.AddDatabase("appdb", "app db");
        var cache = builder.AddRedis("cache").WithDataVolume("cache-data").WithLifetime(ContainerLifetime.Persistent);
        var shared = builder.AddRedis("shared", 6380, secret);
        var derived = builder.AddConnectionString("derived", ReferenceExpression.Create($"{database};Options=x&y;Key={secret};Uri={generated:uri}"));

        var mail = builder.AddContainer("mail", "axllent/mailpit", "v1.20")
            .WithHttpEndpoint(port: 8025, targetPort: 8025, name: "ui")
            .WithEndpoint(targetPort: 1025, scheme: "smtp", name: "smtp", isExternal: true)
            .WithEndpoint(port: 9999, name: "raw", env: "RAW_PORT")
            .WithEnvironment("PLAIN", "a < b & \"c\" + é")
            .WithEnvironment("REGION", region)
            .WithArgs("--smtp", "0.0.0.0:1025")
            .WithArgs(context => context.Args.Add(secret.Resource))
            .WithBindMount("./data", "/data", isReadOnly: true)
            .WithVolume("mail-store", "/store")
            .WithVolume("/scratch");
        builder.AddContainer("digest", "registry.example:5000/team/tool@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
            .WithEntrypoint("/bin/tool");
        builder.AddDockerfile("site", "../Sample.Site", "build/Dockerfile", "final")
            .WithBuildArg("VERSION", "1.2")
            .WithBuildArg("KEY", secret.Resource)
            .WithHttpEndpoint(targetPort: 80)
            .WithExternalHttpEndpoints();
        builder.AddExecutable("tool", "python3", "../Sample.Tool", "-m", "http.server")
            .WithHttpEndpoint(env: "PORT")
            .WithHttpEndpoint(name: "admin", port: 9100, isProxied: false)
            .WithReference(database)
            .WithEnvironment("MAIL", mail.GetEndpoint("smtp"))
            .WithEnvironment("MAIL_HOST", mail.GetEndpoint("smtp").Property(EndpointProperty.Host))
            .WithEnvironment("MAIL_BOTH", ReferenceExpression.Create($"to {mail.GetEndpoint("ui").Property(EndpointProperty.HostAndPort)} {{braces}}"));

        var rates = builder.AddExternalService("rates", "https://rates.example/");
        var oracle = builder.AddExternalService("oracle", builder.AddParameter("oracle-url"));

        var web = builder.AddProject("web", "../Sample.Web/Sample.Web.csproj")
            .WithReference(database)
            .WithReference(postgres, "server")
            .WithReference(cache)
            .WithReference(shared, optional: true)
            .WithReference(legacy)
            .WithReference(derived)
            .WithReference(mail.GetEndpoint("smtp"))
            .WithReference(rates)
            .WithReference(oracle)
            .WithReference("static", new Uri("http://static.example/"))
            .WithEnvironment("API_KEY", secret)
            .WithEnvironment("CONFIGURED", configured)
            .WithEnvironment("GENERATED", generated)
            .WithHttpEndpoint(name: "metrics")
            .WithHttpEndpoint(port: 7000, name: "fixed")
            .WithArgs("serve", "--verbose")
            .WaitFor(database)
            .WithHttpHealthCheck("/health")
            .WithReplicas(3)
            .WithExternalHttpEndpoints();

        builder.AddProject("jobs", "../Sample.Jobs/Sample.Jobs.csproj")
            .WithReference(web)
            .WithReference(cache, connectionName: "fast")
            .WithEnvironment("WEB_METRICS", web.GetEndpoint("metrics"))
            .WithEnvironment("TLS", cache.GetEndpoint("tcp").GetTlsValue(ReferenceExpression.Create($"yes"), ReferenceExpression.Create($"no")))
            .WaitForCompletion(web);
        builder.AddProject("bare", "../Sample.Web/Sample.Web.csproj", launchProfileName: null).WithReference(web.GetEndpoint("fixed"));
    }
}
