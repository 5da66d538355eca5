using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using CardanoRwa.Embedded.Dashboard;
using CardanoRwa.Embedded.Terminal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Embedded;

public sealed class DashboardPortTests
{
    [Theory]
    [InlineData(null, 15000)]
    [InlineData("http://localhost:17123", 17123)]
    [InlineData("https://localhost:17000;http://localhost:15001", 15001)]
    [InlineData("http://0.0.0.0:8080", 15000)]
    [InlineData("http://localhost:0", 0)]
    public void Port_is_that_of_the_launch_profile_where_it_is_on_this_machine(string? urls, int expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ASPNETCORE_URLS", urls)]).Build();

        Assert.Equal(expected, DashboardPort.Wanted(configuration));
    }

    [Fact]
    public async Task Port_in_use_does_not_keep_the_graph_from_running()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        var folder = Directory.CreateTempSubdirectory("rwa-port-");
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            ProjectDirectory = folder.FullName,
            Args = [$"--ASPNETCORE_URLS=http://localhost:{taken}", $"--RWA_DATA_DIR={folder.FullName}"],
        });
        await using var application = builder.Build();
        await application.StartAsync();
        var address = application.Services.GetRequiredService<DashboardAddress>().Value!;

        Assert.NotEqual(taken, address.Port);
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(address)).StatusCode);
        await application.StopAsync();
        folder.Delete(recursive: true);
    }
}
