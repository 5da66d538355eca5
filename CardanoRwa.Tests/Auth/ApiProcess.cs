using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CardanoRwa.Tests.Graph;

namespace CardanoRwa.Tests.Auth;

/// <summary>Another Api process over the graph's Postgres, with settings of its own.</summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ApiProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }
    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static ApiProcess Start(GraphFixture graph, params (string Name, string Value)[] settings) => Start(graph.Database, graph.Cache, settings);

    public static ApiProcess Start(string database, string cache, params (string Name, string Value)[] settings)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "CardanoRwa.Api.dll")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "2710"; // Hexadecimal: it lives for seconds, and compiling it twice is most of what it costs.
        start.Environment["ConnectionStrings__rwadb"] = database;
        start.Environment["ConnectionStrings__cache"] = cache;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }
        var api = new ApiProcess(Process.Start(start)!, address);
        api._process.OutputDataReceived += api.Heard;
        api._process.ErrorDataReceived += api.Heard;
        api._process.BeginOutputReadLine();
        api._process.BeginErrorReadLine();
        return api;
    }

    public HttpClient Client(string? apiKey = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (apiKey is not null)
        {
            client.DefaultRequestHeaders.Add("X-Api-Key", apiKey);
        }
        return client;
    }

    public async Task<ApiProcess> ReadyAsync()
    {
        using var client = Client();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Assert.False(_process.HasExited, $"The Api ended at start: {Output}");
            try
            {
                using var response = await client.GetAsync(new Uri("/health", UriKind.Relative), patience.Token);
                if (response.IsSuccessStatusCode)
                {
                    return this;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(100, patience.Token);
        }
    }

    public async Task<int> ExitCodeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Heard(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
