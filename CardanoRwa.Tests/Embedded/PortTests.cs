using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using CardanoRwa.Embedded.Running;

namespace CardanoRwa.Tests.Embedded;

public sealed class PortTests
{
    private const string FixedPorts = "--DcpPublisher:RandomizePorts=false";

    [Fact]
    public async Task Taken_port_names_the_resource_and_who_has_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var fault = await Assert.ThrowsAsync<DistributedApplicationException>(() =>
            Graph.StartAsync(b => b.AddShell("web", "exec sleep 100").WithHttpEndpoint(port: port), FixedPorts));

        Assert.Contains($"Port {port} of 'web'", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId})", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_port_given_twice_names_both()
    {
        var fault = await Assert.ThrowsAsync<DistributedApplicationException>(() => Graph.StartAsync(
            b =>
            {
                b.AddShell("one", "exec sleep 100").WithHttpEndpoint(port: 19_999);
                b.AddShell("two", "exec sleep 100").WithHttpEndpoint(port: 19_999);
            },
            FixedPorts));

        Assert.Contains("'one'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("'two'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fixed_port_is_used_as_it_is_and_a_free_one_in_a_test()
    {
        var port = Ports.Free();
        await using (var app = await Graph.StartAsync(b => b.AddShell("web", "exec sleep 100").WithHttpEndpoint(port: port), FixedPorts))
            Assert.Equal(port, app.GetEndpoint("web").Port);
        await using (var app = await Graph.StartAsync(b => b.AddShell("web", "exec sleep 100").WithHttpEndpoint(port: port)))
            Assert.NotEqual(port, app.GetEndpoint("web").Port);
    }

    [Fact]
    public async Task Process_is_told_its_port_and_others_where_it_is()
    {
        await using var app = await Graph.StartAsync(b =>
        {
            var web = b.AddShell("web", "echo port $PORT; exec sleep 100").WithHttpEndpoint(env: "PORT");
            b.AddShell("user", "echo $services__web__http__0 $WEB_HTTP").WithReference(web.GetEndpoint("http")).WaitForStart(web);
        });
        await app.ReachesAsync("user", KnownResourceStates.Finished);

        var address = app.GetEndpoint("web");
        Assert.Equal([$"{address.ToString().TrimEnd('/')} {address.ToString().TrimEnd('/')}"], app.Lines("user"));
        Assert.Equal([$"port {address.Port}"], await app.LinesAsync("web", l => l.Count > 0));
    }

    [Fact]
    public async Task Target_port_that_differs_gets_a_proxy_before_it()
    {
        var target = Ports.Free();
        await using var app = await Graph.StartAsync(b =>
            b.AddExecutable("resp", CardanoRwa.Embedded.Processes.ExecutableSearch.Dotnet, ".", "exec", typeof(CardanoRwa.Embedded.EmbeddedHost).Assembly.Location,
                    "cache", "-q", "--bind", "127.0.0.1", "--memory", "16m", "--index", "1m", "--port", $"{target}")
                .WithEndpoint(port: Ports.Free(), targetPort: target, name: "tcp"));

        Assert.NotEqual(target, app.GetEndpoint("resp", "tcp").Port);
        await Graph.UntilAsync(() => RespReplicas.Answers(app.GetEndpoint("resp", "tcp").Port));
    }

    [Fact]
    public async Task Replicas_cannot_share_a_fixed_target_port()
    {
        var fault = await Assert.ThrowsAsync<DistributedApplicationException>(() =>
            Graph.StartAsync(b => RespReplicas.Add(b, "resp", 2).WithEndpoint("tcp", e => e.TargetPort = 4711)));

        Assert.Contains("replicas", fault.Message, StringComparison.Ordinal);
    }
}
