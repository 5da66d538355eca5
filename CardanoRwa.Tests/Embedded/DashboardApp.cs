using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using CardanoRwa.Embedded.Terminal;
using Microsoft.Extensions.DependencyInjection;

namespace CardanoRwa.Tests.Embedded;

/// <summary>A graph of one process that ticks, with a dashboard on a port of its own.</summary>
public sealed class DashboardApp : IAsyncLifetime
{
    public const string Secret = "tr0ub4dor+and/3";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rwa-dashboard-");
    private DistributedApplication? _application;

    public HttpClient Client { get; } = new();

    public Uri Address { get; private set; } = new("http://localhost");

    public async Task InitializeAsync()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = typeof(DashboardApp).Assembly.GetName().Name,
            ProjectDirectory = _folder.FullName,
            Args = ["--ASPNETCORE_URLS=http://localhost:0", $"--RWA_DATA_DIR={_folder.FullName}", $"--Parameters:code={Secret}"],
        });
        var code = builder.AddParameter("code", secret: true);
        Ticker(builder)
            .WithHttpEndpoint(name: "web")
            .WithEnvironment("PLAIN", "visible")
            .WithEnvironment("ACCESS", code)
            .WithEnvironment("LINK", ReferenceExpression.Create($"amqp://user:{code:uri}@queue/v"))
            .WithEnvironment("SMTP_PASSWORD", "literal-in-code")
            .WithEnvironment("DATABASE", "Host=db;Username=u;Password=in;Application Name=x");

        _application = builder.Build();
        await _application.StartAsync();
        Address = _application.Services.GetRequiredService<DashboardAddress>().Value!;
        Client.BaseAddress = Address;
        await _application.ResourceNotifications.WaitForResourceAsync("ticker").WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_application is not null)
        {
            await _application.StopAsync();
            await _application.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    public async Task<JsonElement> TickerAsync() =>
        (await Client.GetFromJsonAsync<JsonElement>("api/resources")).EnumerateArray().Single(r => r.GetProperty("id").GetString() == "ticker");

    public async Task<JsonElement> TickerWhenAsync(Func<JsonElement, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var ticker = await TickerAsync();
            if (condition(ticker))
                return ticker;
            await Task.Delay(50, patience.Token);
        }
    }

    private static IResourceBuilder<ExecutableResource> Ticker(IDistributedApplicationBuilder builder) => OperatingSystem.IsWindows()
        ? builder.AddExecutable("ticker", "cmd", ".", "/c", "for /l %i in (1,1,9999) do @(echo tick %ACCESS%& echo trouble 1>&2& ping -n 2 127.0.0.1 >nul)")
        : builder.AddExecutable("ticker", "sh", ".", "-c", "while true; do echo tick $ACCESS; echo trouble >&2; sleep 0.2; done");
}
