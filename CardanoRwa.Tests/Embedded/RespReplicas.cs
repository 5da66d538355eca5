using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded;

namespace CardanoRwa.Tests.Embedded;

/// <summary>A project with replicas whose process is the cache server: something real that listens on the port it is given.</summary>
internal static class RespReplicas
{
    public static IResourceBuilder<ProjectResource> Add(IDistributedApplicationBuilder builder, string name, int replicas)
    {
        var project = builder.AddProject<CacheProject>(name, launchProfileName: null).WithReplicas(replicas).WithEndpoint(scheme: "tcp", name: "tcp");
        return project.WithArgs("cache", "-q", "--bind", "127.0.0.1", "--memory", "16m", "--index", "1m", "--port")
            .WithArgs((object)project.GetEndpoint("tcp").Property(EndpointProperty.TargetPort));
    }

    public static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port) { ReceiveTimeout = 2000 };
            client.GetStream().Write("*1\r\n$4\r\nPING\r\n"u8);
            return client.GetStream().ReadByte() == '+';
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    private sealed class CacheProject : IBuiltProjectMetadata
    {
        public string ProjectPath => Path.Combine(RepositoryRoot.Path, "CardanoRwa.Embedded", "CardanoRwa.Embedded.csproj");

        public string AssemblyPath => typeof(EmbeddedHost).Assembly.Location;
    }
}
